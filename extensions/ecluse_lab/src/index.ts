// Puts "Request export…" where files are, and the panel "Exports" on the right.

import { ILabShell, ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { FileDialog, IDefaultFileBrowser, IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { LabIcon } from '@jupyterlab/ui-components';
import { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { IDescribed, IFinding, IRequest, asCallError } from './api';
import { openExportDialog } from './dialog';
import { ExportsModel } from './model';
import { ExportsPanel } from './panel';
import { isEditable, isMine } from './words';

const ID = 'ecluse-lab:plugin';
const REMEMBERED = `${ID}:remembered`;
const REQUEST = 'ecluse:request-export';
const SHOW = 'ecluse:show-exports';
const KEPT = 50;

/** A lock gate between two waters. */
const icon = new LabIcon({
  name: 'ecluse:export',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><g class="jp-icon3" fill="#616161"><path d="M3 3h3v13H3zM18 3h3v13h-3zM11 12H7l5-8 5 8h-4v4h-2z"/><path d="M3 19c3-2 3 2 6 0s3 2 6 0 3 2 6 0v2c-3 2-3-2-6 0s-3-2-6 0-3-2-6 0z"/></g></svg>`
});

interface IRemembered {
  title: string;
  purpose: string;
  files: Record<string, { what: string; population: string }>;
  populations: string[];
}

const NOTHING: IRemembered = { title: '', purpose: '', files: {}, populations: [] };

function isRemembered(value: unknown): value is IRemembered {
  const candidate = value as Partial<IRemembered> | null | undefined;
  return (
    typeof candidate?.title === 'string' &&
    typeof candidate.purpose === 'string' &&
    typeof candidate.files === 'object' &&
    Array.isArray(candidate.populations)
  );
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Ask for an export of results, and follow it.',
  autoStart: true,
  requires: [IDocumentManager, INotebookTracker],
  optional: [IDefaultFileBrowser, IFileBrowserFactory, ICommandPalette, ILabShell, ILayoutRestorer, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    documents: IDocumentManager,
    notebooks: INotebookTracker,
    browser: IDefaultFileBrowser | null,
    browsers: IFileBrowserFactory | null,
    palette: ICommandPalette | null,
    shell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    state: IStateDB | null
  ) => {
    const model = new ExportsModel();

    async function remembered(): Promise<IRemembered> {
      const value: unknown = await state?.fetch(REMEMBERED).catch(() => undefined);
      return isRemembered(value) ? value : NOTHING;
    }

    async function remember(title: string, purpose: string, files: IDescribed[]): Promise<void> {
      const before = await remembered();
      const known = { ...before.files };
      for (const { path, what, population } of files) {
        delete known[path];
        known[path] = { what, population };
      }
      const populations = [...new Set([...files.map(file => file.population), ...before.populations])];
      const after: IRemembered = {
        title,
        purpose,
        files: Object.fromEntries(Object.entries(known).slice(-KEPT)),
        populations: populations.slice(0, KEPT)
      };
      await state?.save(REMEMBERED, { ...after });
    }

    async function save(path: string): Promise<void> {
      const open = documents.findWidget(path);
      const context = open ? documents.contextForWidget(open) : undefined;
      if (context?.model.dirty) {
        await context.save();
      }
    }

    /** Open the file where a finding is: the cell of a notebook, the line of a text. */
    function show(path: string, finding: IFinding): void {
      const widget = documents.openOrReveal(path);
      if (widget instanceof NotebookPanel && typeof finding.place?.cell === 'number') {
        const cell = finding.place.cell;
        void widget.context.ready.then(() => {
          widget.content.activeCellIndex = cell;
          widget.content.node.focus();
        });
      }
    }

    function selected(from: unknown): string[] {
      if (from === 'notebook') {
        const path = notebooks.currentWidget?.context.path;
        return path ? [path] : [];
      }
      const listing = browsers?.tracker.currentWidget ?? browser;
      const files = [...(listing?.selectedItems() ?? [])].filter(item => item.type !== 'directory');
      if (from === 'browser' || (files.length && listing?.node.contains(document.activeElement))) {
        return files.map(item => item.path);
      }
      const current = shell?.currentWidget;
      const context = current ? documents.contextForWidget(current) : undefined;
      return context ? [context.path] : files.map(item => item.path);
    }

    async function choose(): Promise<string[]> {
      const chosen = await FileDialog.getOpenFiles({
        manager: documents,
        title: 'Files to export',
        filter: item => (item.type === 'directory' ? null : {})
      });
      return (chosen.value ?? []).filter(item => item.type !== 'directory').map(item => item.path);
    }

    function complain(problem: unknown): void {
      const error = asCallError(problem);
      Notification.error(`${error.message} ${error.fix}`.trim(), { autoClose: false });
    }

    async function request(paths: string[], draft?: IRequest): Promise<void> {
      await model.refresh();
      if (model.error) {
        complain(model.error);
        return;
      }
      const open = draft ?? model.requests.find(one => isMine(one, model.info.person) && isEditable(one));
      const known = await remembered();
      const files = paths.map(full => {
        const path = documents.services.contents.localPath(full);
        const there = open?.files.find(file => file.path === path) ?? known.files[path];
        return { path, what: there?.what ?? '', population: there?.population ?? known.populations[0] ?? '' };
      });
      await openExportDialog({
        model,
        files,
        request: open,
        title: known.title,
        purpose: known.purpose,
        populations: known.populations,
        save,
        remember: (title, purpose, all) => void remember(title, purpose, all),
        show
      });
      await app.commands.execute(SHOW);
      await model.refresh();
    }

    const panel = new ExportsPanel(model, {
      add: draft => {
        void choose().then(paths => (paths.length ? request(paths, draft) : undefined));
      },
      advice: draft => {
        model.read(draft.id).then(full => request([], full), complain);
      },
      show
    });
    panel.id = 'ecluse-exports';
    panel.title.icon = icon;
    panel.title.caption = 'Exports';
    app.shell.add(panel, 'right', { rank: 900 });
    restorer?.add(panel, panel.id);

    const anyArgs = { type: 'object' as const, properties: { from: { type: 'string' as const } } };
    app.commands.addCommand(REQUEST, {
      label: 'Request export…',
      caption: 'Ask for these results to be released from the enclave',
      icon: args => (args['isPalette'] ? undefined : icon),
      describedBy: { args: anyArgs },
      execute: async (args: ReadonlyPartialJSONObject) => {
        const paths = selected(args['from']);
        const chosen = paths.length ? paths : await choose();
        if (chosen.length) {
          await request(chosen);
        }
      }
    });
    app.commands.addCommand(SHOW, {
      label: 'Exports',
      caption: 'Show the project’s export requests and their states',
      icon: args => (args['isPalette'] ? undefined : icon),
      describedBy: { args: anyArgs },
      execute: () => app.shell.activateById(panel.id)
    });
    for (const command of [REQUEST, SHOW]) {
      palette?.addItem({ command, category: 'Exports', args: { isPalette: true } });
    }
  }
};

export default plugin;
