// What is known of the project's requests, kept fresh: fast while something is checked, slow otherwise.

import { ISignal, Signal } from '@lumino/signaling';

import { Api, CallError, IInfo, IRequest, asCallError } from './api';
import { isMoving } from './words';

const FAST = 1500;
const SLOW = 20000;

/** Whether what is known of a request is no longer what the list says. */
function differs(known: IRequest, listed: IRequest): boolean {
  return (
    known.updated !== listed.updated ||
    known.state !== listed.state ||
    known.check?.state !== listed.check?.state ||
    known.comments?.length !== listed.comments?.length
  );
}

export class ExportsModel {
  readonly api = new Api();
  info: IInfo = { project: '', person: '', pages: '', configured: true, file_bytes: 0 };
  requests: IRequest[] = [];
  /** Requests with their reports, by id. */
  readonly details = new Map<string, IRequest>();
  error: CallError | null = null;
  loaded = false;

  private readonly changes = new Signal<ExportsModel, void>(this);
  private timer = 0;
  private watching = false;
  private refreshing: Promise<void> | null = null;

  get changed(): ISignal<ExportsModel, void> {
    return this.changes;
  }

  /** Refresh by itself from now on, or stop. */
  watch(on: boolean): void {
    this.watching = on;
    window.clearTimeout(this.timer);
    if (on) {
      void this.refresh();
    }
  }

  refresh(): Promise<void> {
    this.refreshing ??= this.load().finally(() => {
      this.refreshing = null;
      this.plan();
    });
    return this.refreshing;
  }

  /** Read one request with its reports. */
  async read(id: string): Promise<IRequest> {
    const request = await this.api.get(id);
    this.details.set(id, request);
    const at = this.requests.findIndex(known => known.id === id);
    if (at >= 0) {
      this.requests[at] = request;
    } else {
      this.requests.unshift(request);
    }
    this.changes.emit();
    return request;
  }

  /** Read one request again and again until its check has ended. */
  async untilChecked(id: string, stop: () => boolean = () => false): Promise<IRequest> {
    for (;;) {
      const request = await this.read(id);
      if (!isMoving(request) || stop()) {
        return request;
      }
      await new Promise(resolve => window.setTimeout(resolve, FAST));
    }
  }

  private async load(): Promise<void> {
    try {
      if (!this.loaded) {
        this.info = await this.api.info();
      }
      this.requests = await this.api.list();
      for (const request of this.requests) {
        const known = this.details.get(request.id);
        if (known && (differs(known, request) || isMoving(known))) {
          this.details.set(request.id, await this.api.get(request.id));
        }
      }
      this.loaded = true;
      this.error = null;
    } catch (error) {
      this.error = asCallError(error);
    }
    this.changes.emit();
  }

  private plan(): void {
    window.clearTimeout(this.timer);
    if (this.watching) {
      const wait = this.requests.some(isMoving) ? FAST : SLOW;
      this.timer = window.setTimeout(() => void this.refresh(), wait);
    }
  }
}
