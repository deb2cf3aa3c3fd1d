// The form: say what the files are, send them, see what the check found, mend, submit.
//
// A native modal <dialog>: the browser itself keeps the focus inside, makes the rest inert and closes on Escape.

import * as React from 'react';
import { createRoot } from 'react-dom/client';

import { Advice } from './advice';
import { CallError, IDescribed, IFile, IRequest, asCallError } from './api';
import { DescribeForm, Progress } from './describe';
import { ErrorNote, Show } from './findings';
import { ExportsModel } from './model';
import { isEditable, verdictWords } from './words';

export interface IDialogOptions {
  model: ExportsModel;
  /** Files to describe; none shows the advice on the request at once. */
  files: IDescribed[];
  /** The draft to add to; otherwise the person's own draft, or a new one. */
  request?: IRequest;
  title: string;
  purpose: string;
  populations: string[];
  /** Write unsaved changes of an open document to disk. */
  save(path: string): Promise<void>;
  /** Keep what was typed for the next time. */
  remember(title: string, purpose: string, files: IDescribed[]): void;
  show: Show;
}

/** Open the form; the promise ends when it is closed. */
export function openExportDialog(options: IDialogOptions): Promise<void> {
  return new Promise(resolve => {
    const node = document.createElement('dialog');
    const before = document.activeElement;
    node.className = 'jp-ecluse-dialog';
    node.setAttribute('aria-labelledby', 'jp-ecluse-dialog-title');
    // Lab would otherwise run its own commands on the keys typed here.
    node.setAttribute('data-lm-suppress-shortcuts', 'true');
    document.body.appendChild(node);
    const root = createRoot(node);
    node.addEventListener('close', () => {
      root.unmount();
      node.remove();
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
      resolve();
    });
    root.render(<ExportDialog {...options} close={() => node.close()} />);
    node.showModal();
  });
}

type Phase = 'describe' | 'sending' | 'checking' | 'advice' | 'submitting' | 'submitted';

interface IProps extends IDialogOptions {
  close(): void;
}

function ExportDialog(props: IProps): React.ReactElement {
  const { model } = props;
  const [phase, setPhase] = React.useState<Phase>(props.files.length ? 'describe' : 'advice');
  const [request, setRequest] = React.useState<IRequest | undefined>(props.request);
  const [title, setTitle] = React.useState(props.request?.title ?? props.title);
  const [purpose, setPurpose] = React.useState(props.request?.purpose ?? props.purpose);
  const [files, setFiles] = React.useState<IDescribed[]>(props.files);
  const [shares, setShares] = React.useState<ReadonlyMap<string, number>>(new Map());
  const [error, setError] = React.useState<CallError | null>(null);
  const [said, setSaid] = React.useState('');
  const heading = React.useRef<HTMLHeadingElement>(null);
  const closed = React.useRef(false);
  const busy = phase === 'sending' || phase === 'checking' || phase === 'submitting';

  const typed = React.useRef({ title, purpose, files });
  typed.current = { title: phase === 'submitted' ? '' : title, purpose, files };
  React.useEffect(
    () => () => {
      closed.current = true;
      const { title, purpose, files } = typed.current;
      props.remember(title, purpose, files);
    },
    []
  );
  React.useEffect(() => {
    if (phase === 'advice' || phase === 'submitted') {
      heading.current?.focus();
    }
  }, [phase]);

  async function step(back: Phase, work: () => Promise<void>): Promise<void> {
    setError(null);
    try {
      await work();
    } catch (problem) {
      const call = asCallError(problem);
      setError(call);
      setSaid('');
      setPhase(back);
    }
  }

  async function send(id: string, file: IDescribed): Promise<void> {
    await props.save(file.path);
    await model.api.send(id, file, share => setShares(known => new Map(known).set(file.path, share)));
  }

  async function check(id: string): Promise<void> {
    setPhase('checking');
    setSaid('The airlock checks the files.');
    await model.api.act(id, 'check');
    const checked = await model.untilChecked(id, () => closed.current);
    setRequest(checked);
    setPhase('advice');
    setSaid(adviceWords(checked));
  }

  function sendAll(event: React.FormEvent): void {
    event.preventDefault();
    void step('describe', async () => {
      setPhase('sending');
      setSaid('Sending the files.');
      let draft = request;
      if (!draft) {
        draft = await model.api.create(title, purpose);
        setRequest(draft);
      } else if (draft.title !== title || draft.purpose !== purpose) {
        await model.api.edit(draft.id, { title, purpose });
      }
      for (const file of files) {
        await send(draft.id, file);
      }
      await check(draft.id);
    });
  }

  function again(id: string, work: () => Promise<unknown>, words: string): void {
    void step('advice', async () => {
      setPhase('sending');
      setSaid(words);
      setShares(new Map());
      await work();
      await check(id);
    });
  }

  function submit(id: string): void {
    void step('advice', async () => {
      setPhase('submitting');
      setSaid('Submitting. The deciding check runs now.');
      await model.api.act(id, 'submit');
      const decided = await model.untilChecked(id, () => closed.current);
      setRequest(decided);
      if (isEditable(decided)) {
        setPhase('advice');
        setSaid('The deciding check returned the request. ' + adviceWords(decided));
      } else {
        setPhase('submitted');
        setSaid('Submitted. Two reviewers decide now.');
      }
    });
  }

  return (
    <div className="jp-ecluse-dialog-body" aria-busy={busy}>
      <h2 id="jp-ecluse-dialog-title" ref={heading} tabIndex={-1}>
        {phase === 'describe' || phase === 'sending' ? 'Request an export' : title || request?.title}
      </h2>
      <p className="jp-ecluse-live" role="status">
        {said}
      </p>
      <ErrorNote error={error} />
      {phase === 'describe' ? (
        <DescribeForm
          {...{ title, purpose, files, setTitle, setPurpose, setFiles, request }}
          populations={props.populations}
          person={model.info.person}
          submit={sendAll}
          cancel={props.close}
        />
      ) : null}
      {phase === 'sending' && files.length ? <Progress files={files} shares={shares} /> : null}
      {phase === 'checking' || phase === 'submitting' ? <progress aria-label={said} /> : null}
      {phase === 'advice' && request ? (
        <Advice
          request={request}
          replace={file => again(request.id, () => send(request.id, described(file)), `Sending ${file.path} again.`)}
          check={() => again(request.id, () => Promise.resolve(), 'Checking again.')}
          show={(path, finding) => {
            props.close();
            props.show(path, finding);
          }}
          remove={file => again(request.id, () => model.api.remove(request.id, file.path), `Removing ${file.path}.`)}
          submit={() => submit(request.id)}
          close={props.close}
        />
      ) : null}
      {phase === 'submitted' && request ? (
        <>
          <p>
            Request {request.id} is in review. Two reviewers who are not members of the project decide; you see their
            answer in the panel “Exports”, and download the release from the airlock, outside this workspace.
          </p>
          <div className="jp-ecluse-buttons">
            <button type="button" className="jp-ecluse-button jp-mod-accept" onClick={props.close}>
              Done
            </button>
          </div>
        </>
      ) : null}
      {busy ? (
        <div className="jp-ecluse-buttons">
          <button type="button" className="jp-ecluse-button" onClick={props.close}>
            Close and follow in the panel
          </button>
        </div>
      ) : null}
    </div>
  );
}

function described(file: IFile): IDescribed {
  return { path: file.path, what: file.what, population: file.population };
}

function adviceWords(request: IRequest): string {
  if (request.check.state === 'failed') {
    return `The check could not run: ${request.check.message}`;
  }
  const verdict = request.check.verdict;
  return verdict ? `Check done: this request ${verdictWords(verdict)}.` : 'Check done.';
}
