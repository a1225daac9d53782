/**
 * What a cause wants to know of the machine, as a value: the core asks, an edge looks, and `conclude` makes of the answer
 * what it means. Looking changes nothing. An answer that is not `ok` says why it could not be found out.
 */

export type Answer<Found> = ({ readonly ok: true } & Found) | { readonly ok: false; readonly why: string };

export interface Endpoint {
  readonly protocol: 'tcp' | 'udp';
  /** As an address; undefined or a wildcard: any. */
  readonly address: string | undefined;
  readonly port: number;
}

export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  readonly pid?: number;
  readonly process?: string;
  readonly unit?: string;
  /** ISO 8601. */
  readonly since?: string;
  /** Why no process is named: this user may not see it, it had gone each time it was looked for, or there is none. */
  readonly unseen?: 'rights' | 'gone' | 'no-process';
}

export interface Listeners {
  /** On that port, whatever the address. The kernel lists all of them to everybody; who holds them it tells not all. */
  readonly listeners: readonly Listener[];
}

/** One step on the way to a path, from `/` on; links are followed. */
export interface PathStep {
  readonly path: string;
  readonly type: 'directory' | 'file' | 'other';
  /** The lower twelve bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly hasAcl: boolean;
}

export interface Mount {
  readonly point: string;
  readonly options: readonly string[];
  readonly type: string;
}

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gids: readonly number[];
}

export interface PathFound {
  readonly path: string;
  readonly steps: readonly PathStep[];
  /** The first part of it that is not there; undefined where all of it is. */
  readonly missing: string | undefined;
  readonly mount: Mount | undefined;
  readonly space: { readonly freeBytes: number; readonly freeInodes: number | undefined } | undefined;
  /** Whom the service runs as; undefined where that is not known. */
  readonly account: Account | undefined;
  /** Of a script: what its first line names, and whether that is there. */
  readonly interpreter: { readonly path: string; readonly exists: boolean } | undefined;
}

/** Whose rights are asked for too: that takes the user database and two programs. */
export interface Whom {
  /** As in `User=`; empty: the manager's own. */
  readonly user: string;
  /** Groups beside those of the user: `Group=`, `SupplementaryGroups=`. */
  readonly groups: readonly string[];
  /** The user exists only while the service runs. */
  readonly dynamicUser: boolean;
}

export interface PathAsk {
  readonly path: string;
  /** Undefined: nobody's rights matter, and neither access lists nor the account are looked for. */
  readonly whom: Whom | undefined;
}

export interface Inquiries {
  readonly listeners: { readonly ask: Endpoint; readonly found: Listeners };
  readonly path: { readonly ask: PathAsk; readonly found: PathFound };
  readonly account: {
    readonly ask: { readonly user: string; readonly group: string };
    readonly found: { readonly userKnown: boolean; readonly groupKnown: boolean };
  };
  readonly command: {
    readonly ask: { readonly name: string; readonly path: string };
    readonly found: { readonly at: string | undefined };
  };
  readonly host: {
    readonly ask: string;
    readonly found: { readonly resolved: boolean; readonly detail: string };
  };
  readonly 'low-ports': { readonly ask: undefined; readonly found: { readonly firstUnprivileged: number } };
  readonly text: {
    readonly ask: { readonly paths: readonly string[] };
    readonly found: { readonly files: readonly { readonly path: string; readonly text: string }[] };
  };
}

export type InquiryKind = keyof Inquiries;

export type Inquiry = {
  readonly [Kind in InquiryKind]: {
    readonly kind: Kind;
    readonly ask: Inquiries[Kind]['ask'];
    /** Undefined: it is not so, and no cause. */
    readonly conclude: (found: Inquiries[Kind]['found']) => Conclusion | undefined;
  };
}[InquiryKind];

export interface Conclusion {
  readonly state: 'confirmed' | 'likely' | 'could-not-check';
  readonly sentence: string;
  /** What was seen, as lines. */
  readonly seen: readonly string[];
}
