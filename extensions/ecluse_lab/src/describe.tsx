// The first page of the form: what the files are, and how far they are on their way.

import * as React from 'react';

import { IDescribed, IRequest } from './api';
import { isMine } from './words';

interface IDescribeProps {
  title: string;
  purpose: string;
  files: IDescribed[];
  populations: string[];
  request: IRequest | undefined;
  person: string;
  setTitle(title: string): void;
  setPurpose(purpose: string): void;
  setFiles(files: IDescribed[]): void;
  submit(event: React.FormEvent): void;
  cancel(): void;
}

export function DescribeForm(props: IDescribeProps): React.ReactElement {
  const { files, request } = props;
  const change = (index: number, part: Partial<IDescribed>): void =>
    props.setFiles(files.map((file, at) => (at === index ? { ...file, ...part } : file)));
  return (
    <form className="jp-ecluse-form" onSubmit={props.submit}>
      {request && isMine(request, props.person) ? (
        <p className="jp-ecluse-quiet">
          The files are added to your open request {request.id}. Files with the same path are replaced.
        </p>
      ) : (
        <p className="jp-ecluse-quiet">
          The files are copied to the airlock and checked there. Nothing leaves before two reviewers agree.
        </p>
      )}
      <label>
        Title
        <input autoFocus required maxLength={200} value={props.title} onChange={e => props.setTitle(e.target.value)} />
      </label>
      <label>
        Purpose: what the results are for, and who will see them
        <textarea
          required
          rows={2}
          maxLength={4000}
          value={props.purpose}
          onChange={e => props.setPurpose(e.target.value)}
        />
      </label>
      <datalist id="jp-ecluse-populations">
        {props.populations.map(population => (
          <option key={population} value={population} />
        ))}
      </datalist>
      {files.map((file, index) => (
        <fieldset key={file.path}>
          <legend>{file.path}</legend>
          <label>
            What it is
            <input
              required
              maxLength={4000}
              placeholder="such as: Table 2, counts by age group"
              value={file.what}
              onChange={e => change(index, { what: e.target.value })}
            />
          </label>
          <label>
            Who is counted in it
            <input
              required
              maxLength={4000}
              list="jp-ecluse-populations"
              placeholder="such as: women with breast cancer, 686 patients"
              value={file.population}
              onChange={e => change(index, { population: e.target.value })}
            />
          </label>
          {files.length > 1 ? (
            <button
              type="button"
              className="jp-ecluse-button"
              aria-label={`Leave out ${file.path}`}
              onClick={() => props.setFiles(files.filter((_, at) => at !== index))}
            >
              Leave out
            </button>
          ) : null}
        </fieldset>
      ))}
      <div className="jp-ecluse-buttons">
        <button type="button" className="jp-ecluse-button" onClick={props.cancel}>
          Cancel
        </button>
        <button type="submit" className="jp-ecluse-button jp-mod-accept">
          Send and check
        </button>
      </div>
    </form>
  );
}

export function Progress(props: { files: IDescribed[]; shares: ReadonlyMap<string, number> }): React.ReactElement {
  return (
    <ul className="jp-ecluse-progress">
      {props.files.map(file => {
        const share = Math.round(100 * (props.shares.get(file.path) ?? 0));
        return (
          <li key={file.path}>
            <span className="jp-ecluse-path">{file.path}</span>
            <progress max={100} value={share} aria-label={`Sending ${file.path}`} />
            <span>{share} %</span>
          </li>
        );
      })}
    </ul>
  );
}
