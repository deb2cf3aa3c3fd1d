// States, severities and sizes in words.

import { IFinding, IRequest, Severity, State, Verdict } from './api';

interface IWords {
  name: string;
  /** What happens next, said to the author. */
  next: string;
}

const STATES: Record<State, IWords> = {
  draft: { name: 'Draft', next: 'mend what the check found, then submit.' },
  submitted: { name: 'Submitted', next: 'the check starts by itself.' },
  checking: { name: 'Being checked', next: 'the check decides on the stored files.' },
  'in-review': { name: 'In review', next: 'two reviewers decide on the files.' },
  returned: { name: 'Returned to you', next: 'read what was found, change it, submit again.' },
  approved: { name: 'Approved', next: 'the release is being signed.' },
  released: { name: 'Released', next: 'download it from the airlock, outside the workspace.' },
  refused: { name: 'Refused', next: 'it is closed; a new request has to answer the reasons.' },
  withdrawn: { name: 'Withdrawn', next: 'it is closed; nothing left the enclave.' }
};

const CLOSED: readonly State[] = ['released', 'refused', 'withdrawn'];

export function stateName(request: IRequest, mine: boolean): string {
  if (request.state === 'returned' && !mine) {
    return `Returned to ${request.author}`;
  }
  return STATES[request.state]?.name ?? request.state;
}

function nextOf(request: IRequest): string {
  if (isEditable(request)) {
    if (request.check?.state === 'running') {
      return 'wait for the check.';
    }
    if (request.check?.state !== 'done') {
      return 'have the files checked.';
    }
    if (request.state === 'draft' && request.check.verdict !== 'refuse') {
      return 'submit it.';
    }
  }
  return STATES[request.state]?.next ?? '';
}

/** Who acts next and how. */
export function nextStep(request: IRequest, mine: boolean): string {
  const next = nextOf(request);
  if (CLOSED.includes(request.state)) {
    return next.charAt(0).toUpperCase() + next.slice(1);
  }
  const author = mine ? 'You' : request.author;
  const who = { author, system: 'The airlock', reviewers: 'The reviewers' }[request.owner] ?? author;
  return `Next: ${who} – ${next}`;
}

export function isOpen(request: IRequest): boolean {
  return !CLOSED.includes(request.state);
}

export function isEditable(request: IRequest): boolean {
  return request.state === 'draft' || request.state === 'returned';
}

export function isMoving(request: IRequest): boolean {
  return request.check?.state === 'running' || ['submitted', 'checking', 'approved'].includes(request.state);
}

export const SEVERITIES: readonly { severity: Severity; title: string; help: string }[] = [
  { severity: 'refuse', title: 'Has to be mended', help: 'The file can’t leave like this.' },
  { severity: 'review', title: 'Reviewers look at this', help: 'It may leave if they agree.' },
  { severity: 'note', title: 'Good to know', help: 'Nothing has to be done.' }
];

export function verdictWords(verdict: Verdict): string {
  return { pass: 'passes', review: 'needs the reviewers’ eyes', refuse: 'has to be mended' }[verdict];
}

export function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

export function summary(findings: readonly IFinding[]): string {
  const refuse = findings.filter(finding => finding.severity === 'refuse').length;
  const review = findings.filter(finding => finding.severity === 'review').length;
  if (!refuse && !review) {
    return 'nothing to mend';
  }
  return [refuse ? `${refuse} to mend` : '', review ? `${review} for the reviewers` : '']
    .filter(part => part)
    .join(', ');
}

export function size(bytes: number): string {
  if (bytes < 1024) {
    return `${bytes} bytes`;
  }
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

export function when(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime())
    ? at
    : date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** Whether this request is the person's own; unknown persons own none. */
export function isMine(request: IRequest, person: string): boolean {
  return person !== '' && request.author === person;
}
