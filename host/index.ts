export type { Log } from './complaints.ts';
export { VigilUnavailable } from './errors.ts';
export type { RequireLiveOptions } from './gate.ts';
export {
  createVigilHost,
  type LiveCheck,
  type LoginOptions,
  type LoginRef,
  type VigilHost,
  type VigilHostOptions,
} from './host.ts';
export {
  type AgentLogin,
  createTokenSigner,
  type Permission,
  sidOf,
  type TokenOptions,
  type TokenSigner,
} from './tokens.ts';
export {
  createWebhookReceiver,
  type Ended,
  endedBy,
  type WebhookHandler,
  type WebhookReceiverOptions,
} from './webhook.ts';
