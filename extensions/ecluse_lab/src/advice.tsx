// The second page of the form: what the check found, and what can be done about it.

import * as React from 'react';

import { IFile, IRequest } from './api';
import { Findings, Show } from './findings';

interface IAdviceProps {
  request: IRequest;
  replace(file: IFile): void;
  remove(file: IFile): void;
  check(): void;
  show: Show;
  submit(): void;
  close(): void;
}

export function Advice(props: IAdviceProps): React.ReactElement {
  const { request } = props;
  const verdict = request.check.verdict;
  const checked = request.check.state === 'done' && request.files.every(file => file.report);
  const ready = checked && request.files.length > 0 && (verdict === 'pass' || verdict === 'review');
  return (
    <>
      {request.files.map(file => (
        <Findings key={file.path} file={file} level={3} show={props.show}>
          <div className="jp-ecluse-buttons">
            {request.files.length > 1 ? (
              <button
                type="button"
                className="jp-ecluse-button"
                aria-label={`Remove ${file.path} from the request`}
                onClick={() => props.remove(file)}
              >
                Remove
              </button>
            ) : null}
            <button
              type="button"
              className="jp-ecluse-button"
              aria-label={`Replace ${file.path} with the mended version`}
              onClick={() => props.replace(file)}
            >
              Replace with mended version
            </button>
          </div>
        </Findings>
      ))}
      {ready || !checked ? null : (
        <p className="jp-ecluse-quiet">
          Mend the files in the workspace, save them, then choose “Replace with mended version”. You can close this; the
          draft stays in the panel “Exports”.
        </p>
      )}
      <div className="jp-ecluse-buttons">
        <button type="button" className="jp-ecluse-button" onClick={props.close}>
          {ready ? 'Not yet' : 'Close, mend later'}
        </button>
        {checked ? null : (
          <button type="button" className="jp-ecluse-button jp-mod-accept" onClick={props.check}>
            Check
          </button>
        )}
        {ready ? (
          <button type="button" className="jp-ecluse-button jp-mod-accept" onClick={props.submit}>
            {verdict === 'review' ? 'Submit anyway for review' : 'Submit'}
          </button>
        ) : null}
      </div>
    </>
  );
}
