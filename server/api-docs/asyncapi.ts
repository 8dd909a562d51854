import { PROTOCOL_VERSION } from '../../shared/protocol.ts';
import { refTo, type SchemaName, schemasFor } from './json-schemas.ts';

interface Event {
  name: string;
  summary: string;
  payload: SchemaName;
  /** What it is acknowledged with. */
  ack?: SchemaName;
}

interface Namespace {
  name: string;
  address: string;
  description: string;
  says: Event[];
  hears: Event[];
}

const ENDED: Event = {
  name: 'ended',
  summary: 'The session has ended; the last event of a connection',
  payload: 'EndedMessage',
};
const EXPIRED: Event = {
  name: 'expired',
  summary: "The socket's token has expired: connect again with a fresh one",
  payload: 'ExpiredMessage',
};
const RECONNECT: Event = {
  name: 'reconnect',
  summary: 'This node is going away: connect again',
  payload: 'ReconnectMessage',
};

/** The events of both namespaces. A test holds this to the types that both ends are written by. */
export const NAMESPACES: Namespace[] = [
  {
    name: 'tab',
    address: '/',
    description: 'One open tab of an agent. Socket.IO v4, namespace `/`, `auth: { token, protocol? }`.',
    says: [
      {
        name: 'activity',
        summary: 'The last input in this tab was so long ago, computed when it is sent',
        payload: 'ActivityReport',
      },
      { name: 'focus', summary: 'Whether the tab is visible and focused', payload: 'FocusReport' },
      {
        name: 'availability',
        summary: 'Available for auto-assignment, or not',
        payload: 'AvailabilityRequest',
        ack: 'AvailabilityAck',
      },
      {
        name: 'token',
        summary: "A fresh token of the same login takes the place of the socket's own",
        payload: 'TokenRequest',
        ack: 'TokenAck',
      },
      { name: 'logout', summary: 'Ends this `sid`', payload: 'LogoutRequest', ack: 'LogoutAck' },
    ],
    hears: [
      {
        name: 'session',
        summary: 'How things stand: after connecting, and when it changed',
        payload: 'SessionMessage',
      },
      { name: 'warning', summary: 'The session ends soon', payload: 'WarningMessage' },
      ENDED,
      EXPIRED,
      RECONNECT,
      {
        name: 'outdated',
        summary: 'The client speaks an older version of the protocol, as it said by `auth.protocol`',
        payload: 'OutdatedMessage',
      },
    ],
  },
  {
    name: 'presence',
    address: '/presence',
    description:
      'One dashboard. Socket.IO v4, namespace `/presence`, `auth: { token }`; needs `view_presence`. It has nothing to say.',
    says: [],
    hears: [
      {
        name: 'snapshot',
        summary: 'Everybody, in pieces, after connecting',
        payload: 'SnapshotMessage',
      },
      {
        name: 'changes',
        summary: 'What has changed; at most one a second',
        payload: 'ChangesMessage',
      },
      ENDED,
      EXPIRED,
      RECONNECT,
    ],
  },
];

/** The sockets of both namespaces as AsyncAPI 3. A message's `ack` is described by `x-ack`: Socket.IO's own callback. */
export function asyncApiDocument(): Record<string, unknown> {
  const channels = Object.fromEntries(NAMESPACES.map((namespace) => [namespace.name, channel(namespace)]));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Vigil sockets',
      version: PROTOCOL_VERSION,
      description:
        "Socket.IO v4 at `/socket.io/`. A refused connection is a `connect_error` whose `data` is a ConnectRefusal. Actions are the server's: `receive` is what clients send.",
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels,
    operations: Object.fromEntries(NAMESPACES.flatMap(operations)),
    components: { schemas: schemasFor([channels, refTo('ConnectRefusal')]) },
  };
}

function channel({ name, address, description, says, hears }: Namespace): Record<string, unknown> {
  const messages = [...says, ...hears].map((event) => [
    event.name,
    {
      name: event.name,
      summary: event.summary,
      payload: refTo(event.payload),
      ...(event.ack === undefined ? {} : { 'x-ack': refTo(event.ack) }),
    },
  ]);
  const extra = { 'x-refusal': refTo('ConnectRefusal') };
  return { address, title: name, description, messages: Object.fromEntries(messages), ...extra };
}

function operations({ name, says, hears }: Namespace): [string, unknown][] {
  const of = (action: 'receive' | 'send', event: Event): [string, unknown] => [
    `${name}.${action}.${event.name}`,
    {
      action,
      channel: { $ref: `#/channels/${name}` },
      messages: [{ $ref: `#/channels/${name}/messages/${event.name}` }],
    },
  ];
  return [...says.map((event) => of('receive', event)), ...hears.map((event) => of('send', event))];
}
