// The calls of this workspace's own server (`<base>/ecluse/api/…`), which passes them on to the airlock.

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

export type State =
  | 'draft'
  | 'submitted'
  | 'checking'
  | 'in-review'
  | 'returned'
  | 'approved'
  | 'released'
  | 'refused'
  | 'withdrawn';
export type Severity = 'note' | 'review' | 'refuse';
export type Verdict = 'pass' | 'review' | 'refuse';

export interface IFinding {
  rule: string;
  severity: Severity;
  where: string;
  message: string;
  fix: string;
  place?: { cell?: number | null; line?: number | null } | null;
}

export interface IReport {
  kind: string;
  verdict: Verdict;
  sha256: string;
  findings: IFinding[];
}

export interface IFile {
  path: string;
  sha256: string;
  size: number;
  what: string;
  population: string;
  report: IReport | null;
}

export interface IComment {
  author: string;
  at: string;
  text: string;
}

export interface IRequest {
  id: string;
  author: string;
  title: string;
  purpose: string;
  state: State;
  owner: 'author' | 'system' | 'reviewers';
  created: string;
  updated: string;
  files: IFile[];
  check: {
    state: 'none' | 'running' | 'done' | 'failed';
    deciding: boolean;
    verdict: Verdict | null;
    message: string;
  };
  comments: IComment[];
  release: { id: string; at: string } | null;
}

export interface IInfo {
  project: string;
  person: string;
  pages: string;
  configured: boolean;
  file_bytes: number;
}

/** A file to send: where it is, what it is, whom it counts. */
export interface IDescribed {
  path: string;
  what: string;
  population: string;
}

/** A call that was refused, with sentences for people. */
export class CallError extends Error {
  constructor(
    readonly reason: string,
    message: string,
    readonly fix: string
  ) {
    super(message);
  }
}

function refusal(value: unknown): CallError {
  const error = (value as { error?: Record<string, unknown> } | null)?.error;
  const text = (key: string): string => (typeof error?.[key] === 'string' ? (error[key] as string) : '');
  return new CallError(
    text('reason') || 'not-possible',
    text('message') || 'This did not work.',
    text('fix') || (error ? '' : 'Reload the page, then try again.')
  );
}

/** The sentences of any error, ready to be shown. */
export function asCallError(error: unknown): CallError {
  if (error instanceof CallError) {
    return error;
  }
  return new CallError(
    'workspace-unreachable',
    'This page has lost its connection to the workspace.',
    'Check that the workspace still runs, then try again.'
  );
}

export class Api {
  private readonly settings = ServerConnection.makeSettings();

  info(): Promise<IInfo> {
    return this.json('GET', 'info');
  }

  async list(): Promise<IRequest[]> {
    return (await this.json<{ requests: IRequest[] }>('GET', 'requests')).requests ?? [];
  }

  get(id: string): Promise<IRequest> {
    return this.json('GET', `requests/${encodeURIComponent(id)}`);
  }

  create(title: string, purpose: string): Promise<IRequest> {
    return this.json('POST', 'requests', { title, purpose });
  }

  edit(id: string, change: { title?: string; purpose?: string }): Promise<IRequest> {
    return this.json('PATCH', `requests/${encodeURIComponent(id)}`, change);
  }

  act(id: string, action: 'check' | 'submit' | 'withdraw'): Promise<unknown> {
    return this.json('POST', `requests/${encodeURIComponent(id)}/${action}`, {});
  }

  comment(id: string, text: string): Promise<unknown> {
    return this.json('POST', `requests/${encodeURIComponent(id)}/comments`, { text });
  }

  remove(id: string, path: string): Promise<unknown> {
    return this.json('DELETE', `requests/${encodeURIComponent(id)}/files?path=${encodeURIComponent(path)}`);
  }

  /** Let the workspace send one of its files; tells how much of it has gone, 0 to 1. */
  async send(id: string, file: IDescribed, progress: (share: number) => void): Promise<void> {
    const response = await this.fetch('POST', `requests/${encodeURIComponent(id)}/files`, { ...file });
    if (!response.ok || !response.body) {
      throw refusal(await response.json().catch(() => null));
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      rest += value ?? '';
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const said = JSON.parse(line) as { sent?: number; size?: number; done?: boolean; error?: unknown };
        if (said.error) {
          throw refusal(said);
        }
        if (said.done) {
          progress(1);
          return;
        }
        progress(said.size ? (said.sent ?? 0) / said.size : 0);
      }
      if (done) {
        throw new CallError(
          'workspace-unreachable',
          'The connection broke while the file was sent.',
          'Send the file again.'
        );
      }
    }
  }

  private async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.fetch(method, path, body);
    const value: unknown = await response.json().catch(() => null);
    if (!response.ok || value === null) {
      throw refusal(value);
    }
    return value as T;
  }

  private fetch(method: string, path: string, body?: unknown): Promise<Response> {
    const url = URLExt.join(this.settings.baseUrl, 'ecluse/api', path);
    const init: RequestInit = { method, cache: 'no-store' };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
    }
    return ServerConnection.makeRequest(url, init, this.settings);
  }
}
