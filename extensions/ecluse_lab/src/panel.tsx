// The side panel: the project's requests, their states in words, who acts next.

import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { Message } from '@lumino/messaging';
import * as React from 'react';

import { CallError, IRequest, asCallError } from './api';
import { ErrorNote, Findings, Show } from './findings';
import { ExportsModel } from './model';
import { count, isEditable, isMine, isOpen, nextStep, size, stateName, when } from './words';

export interface IPanelActions {
  /** Choose files and describe them, for this draft or a new one. */
  add(request?: IRequest): void;
  /** Open the form on what the check found. */
  advice(request: IRequest): void;
  show: Show;
}

export class ExportsPanel extends ReactWidget {
  constructor(
    private readonly model: ExportsModel,
    private readonly actions: IPanelActions
  ) {
    super();
    this.addClass('jp-ecluse-panel');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Exports');
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.model.watch(true);
  }

  protected onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.model.watch(false);
  }

  render(): React.ReactElement {
    return (
      <UseSignal signal={this.model.changed}>{() => <Exports model={this.model} actions={this.actions} />}</UseSignal>
    );
  }
}

function Exports(props: { model: ExportsModel; actions: IPanelActions }): React.ReactElement {
  const { model, actions } = props;
  const moving = model.requests.find(request => isMine(request, model.info.person) && isOpen(request));
  return (
    <>
      <div className="jp-ecluse-head">
        <h2>Exports{model.info.project ? ` of ${model.info.project}` : ''}</h2>
        <button type="button" className="jp-ecluse-button jp-mod-accept" onClick={() => actions.add()}>
          Request export…
        </button>
      </div>
      <p className="jp-ecluse-unseen" role="status">
        {moving ? `${moving.title}: ${stateName(moving, true)}` : ''}
      </p>
      <ErrorNote error={model.error} />
      {model.loaded && !model.requests.length ? (
        <p className="jp-ecluse-quiet">
          Nothing was asked for yet. Choose files in the file browser or use the button in a notebook.
        </p>
      ) : null}
      {!model.loaded && !model.error ? <p>Loading…</p> : null}
      <ul className="jp-ecluse-requests">
        {model.requests.map(request => (
          <li key={request.id}>
            <Request request={model.details.get(request.id) ?? request} model={model} actions={actions} />
          </li>
        ))}
      </ul>
    </>
  );
}

interface IRequestProps {
  request: IRequest;
  model: ExportsModel;
  actions: IPanelActions;
}

function Request({ request, model, actions }: IRequestProps): React.ReactElement {
  const [open, setOpen] = React.useState(false);
  const [error, setError] = React.useState<CallError | null>(null);
  const mine = isMine(request, model.info.person);

  async function attempt(work: () => Promise<unknown>): Promise<boolean> {
    setError(null);
    try {
      await work();
      return true;
    } catch (problem) {
      setError(asCallError(problem));
      return false;
    }
  }

  async function withdraw(): Promise<void> {
    await model.api.act(request.id, 'withdraw');
    await model.refresh();
  }

  async function comment(text: string): Promise<void> {
    await model.api.comment(request.id, text);
    await model.read(request.id);
  }

  function toggle(event: React.SyntheticEvent<HTMLDetailsElement>): void {
    const now = event.currentTarget.open;
    setOpen(now);
    if (now) {
      void attempt(() => model.read(request.id));
    }
  }

  return (
    <article className="jp-ecluse-request" data-state={request.state} aria-label={request.title}>
      <h3>{request.title}</h3>
      <p>
        <span className="jp-ecluse-state">{stateName(request, mine)}</span>{' '}
        <span className="jp-ecluse-quiet">
          {request.id} · {mine ? 'you' : request.author} · {when(request.updated)}
        </span>
      </p>
      <p>{nextStep(request, mine)}</p>
      {request.check?.state === 'running' ? <progress aria-label={`Checking ${request.title}`} /> : null}
      {request.check?.state === 'failed' ? <p className="jp-ecluse-error">{request.check.message}</p> : null}
      <ErrorNote error={error} />
      <details open={open} onToggle={toggle}>
        <summary>
          {count(request.files.length, 'file', 'files')}, {count(request.comments?.length ?? 0, 'comment', 'comments')}
        </summary>
        <p>{request.purpose}</p>
        {request.files.map(file => (
          <Findings key={file.path} file={file} level={4} show={actions.show}>
            <p className="jp-ecluse-quiet">
              {file.what} · {file.population} · {size(file.size)}
            </p>
          </Findings>
        ))}
        <Comments request={request} send={text => attempt(() => comment(text))} />
      </details>
      <div className="jp-ecluse-buttons">
        {mine && isEditable(request) ? (
          <>
            <button type="button" className="jp-ecluse-button" onClick={() => actions.add(request)}>
              Add files…
            </button>
            <button type="button" className="jp-ecluse-button jp-mod-accept" onClick={() => actions.advice(request)}>
              {request.state === 'draft' && request.check?.verdict !== 'refuse'
                ? 'Check and submit…'
                : 'Mend and submit…'}
            </button>
          </>
        ) : null}
        {mine && isOpen(request) ? <Withdraw withdraw={() => void attempt(withdraw)} /> : null}
        {model.info.pages ? (
          <a
            href={`${model.info.pages}requests/${encodeURIComponent(request.id)}`}
            target="_blank"
            rel="noopener noreferrer"
          >
            {request.state === 'released' ? 'Release in the airlock' : 'Page in the airlock'}
            <span className="jp-ecluse-unseen"> for {request.id}, opens outside the workspace</span>
          </a>
        ) : null}
      </div>
    </article>
  );
}

function Withdraw(props: { withdraw(): void }): React.ReactElement {
  const [asked, setAsked] = React.useState(false);
  return asked ? (
    <>
      <button type="button" className="jp-ecluse-button jp-mod-warn" autoFocus onClick={props.withdraw}>
        Yes, withdraw
      </button>
      <button type="button" className="jp-ecluse-button" onClick={() => setAsked(false)}>
        Keep it
      </button>
    </>
  ) : (
    <button type="button" className="jp-ecluse-button" onClick={() => setAsked(true)}>
      Withdraw
    </button>
  );
}

function Comments(props: { request: IRequest; send(text: string): Promise<boolean> }): React.ReactElement {
  const [text, setText] = React.useState('');
  const { request } = props;
  async function send(event: React.FormEvent): Promise<void> {
    event.preventDefault();
    if (await props.send(text)) {
      setText('');
    }
  }
  return (
    <>
      <ul className="jp-ecluse-comments">
        {(request.comments ?? []).map((comment, index) => (
          <li key={`${comment.at} ${index}`}>
            <span className="jp-ecluse-quiet">
              {comment.author}, {when(comment.at)}
            </span>
            <br />
            {comment.text}
          </li>
        ))}
      </ul>
      {isOpen(request) ? (
        <form className="jp-ecluse-form" onSubmit={event => void send(event)}>
          <label>
            Say something to the reviewers
            <textarea required rows={2} maxLength={4000} value={text} onChange={e => setText(e.target.value)} />
          </label>
          <button type="submit" className="jp-ecluse-button">
            Send comment
          </button>
        </form>
      ) : null}
    </>
  );
}
