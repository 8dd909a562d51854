export { VigilUnavailable } from './errors.ts';
export {
  createVigilHost,
  type LiveCheck,
  type RequireLiveOptions,
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
  endedBy,
  type WebhookHandler,
  type WebhookReceiverOptions,
} from './webhook.ts';
