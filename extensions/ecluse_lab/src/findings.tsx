// What the check found in a file: grouped by weight, each with its place, its sentence and how to mend it.

import * as React from 'react';

import { CallError, IFile, IFinding } from './api';
import { SEVERITIES, count, summary, verdictWords } from './words';

export function ErrorNote(props: { error: CallError | null }): React.ReactElement | null {
  if (!props.error) {
    return null;
  }
  return (
    <div className="jp-ecluse-error" role="alert">
      <strong>{props.error.message}</strong>
      {props.error.fix ? <span> {props.error.fix}</span> : null}
    </div>
  );
}

/** Show the place of a finding in the file itself. */
export type Show = (path: string, finding: IFinding) => void;

interface IFindingsProps {
  file: IFile;
  level: 3 | 4;
  show: Show;
  children?: React.ReactNode;
}

export function Findings(props: IFindingsProps): React.ReactElement {
  const { file, level, show, children } = props;
  const Heading: 'h3' | 'h4' = level === 3 ? 'h3' : 'h4';
  const report = file.report;
  return (
    <section className="jp-ecluse-file" data-verdict={report?.verdict ?? 'none'} aria-label={file.path}>
      <Heading className="jp-ecluse-file-name">
        <span className="jp-ecluse-path">{file.path}</span>{' '}
        <span className="jp-ecluse-verdict">{report ? verdictWords(report.verdict) : 'not checked yet'}</span>
      </Heading>
      {report ? (
        <p className="jp-ecluse-quiet">
          {count(report.findings.length, 'finding', 'findings')}: {summary(report.findings)}
        </p>
      ) : null}
      {SEVERITIES.map(({ severity, title, help }) => {
        const found = (report?.findings ?? []).filter(finding => finding.severity === severity);
        if (!found.length) {
          return null;
        }
        return (
          <div key={severity} className="jp-ecluse-group" data-severity={severity}>
            <p className="jp-ecluse-group-title">
              <strong>{title}</strong> <span className="jp-ecluse-quiet">{help}</span>
            </p>
            <ul>
              {found.map((finding, index) => (
                <li key={`${finding.rule} ${finding.where} ${index}`}>
                  <button
                    type="button"
                    className="jp-ecluse-where"
                    title={`Open ${file.path} there`}
                    onClick={() => show(file.path, finding)}
                  >
                    {finding.where || 'whole file'}
                  </button>{' '}
                  {finding.message}
                  {finding.fix ? (
                    <span className="jp-ecluse-fix">
                      <strong>To mend it:</strong> {finding.fix}
                    </span>
                  ) : null}
                </li>
              ))}
            </ul>
          </div>
        );
      })}
      {children}
    </section>
  );
}
