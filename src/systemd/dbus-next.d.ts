// Types of the inner files of dbus-next 0.10.2 (pinned exactly, no exports map) that flapd uses, the last two in tests
// only: flapd's own reading and writing is held against them. Written by hand:
// the package's own types cover only its MessageBus, and are wrong about it in places (`replySerial: string`).

declare module 'dbus-next/lib/signature.js' {
  export interface TypeNode {
    readonly type: string;
    readonly child: readonly TypeNode[];
  }
  const signature: { parseSignature(signature: string): TypeNode[] };
  export default signature;
}

declare module 'dbus-next/lib/message-type.js' {
  interface MessageFields {
    readonly type: number;
    readonly serial: number;
    readonly flags?: number;
    readonly sender?: string;
    readonly destination?: string;
    readonly path?: string;
    readonly interface?: string;
    readonly member?: string;
    readonly errorName?: string;
    readonly replySerial?: number;
    readonly signature?: string;
    readonly body?: readonly unknown[];
  }
  const messageType: { readonly Message: new (fields: MessageFields) => object };
  export default messageType;
}

declare module 'dbus-next/lib/marshall-compat.js' {
  const marshallCompat: { marshallMessage(message: object): [bytes: Buffer, fds: unknown[]] };
  export default marshallCompat;
}
