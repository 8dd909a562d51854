/** What an account admin decides. `timeoutSeconds` is as stored: in force is the larger of it and the node's minimum. */
export interface PolicySettings {
  timeoutSeconds: number;
  rememberMe: { agent: boolean; requester: boolean };
}

export const MAX_TIMEOUT_SECONDS = 2_592_000; // 30 days
export const DEFAULT_MIN_TIMEOUT_SECONDS = 900; // 15 minutes

export const DEFAULT_POLICY: Readonly<PolicySettings> = {
  timeoutSeconds: 86_400,
  rememberMe: { agent: true, requester: true },
};

export function isTimeoutInRange(timeoutSeconds: number, minSeconds: number): boolean {
  return (
    Number.isInteger(timeoutSeconds) && timeoutSeconds >= minSeconds && timeoutSeconds <= MAX_TIMEOUT_SECONDS
  );
}
