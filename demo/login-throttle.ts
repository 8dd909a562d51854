import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Slows down who guesses passwords: few attempts for one address and one person, more for one address. */
export interface LoginThrottle {
  /** Seconds to wait, or 0 where the attempt may be made; it counts until `succeeded`. */
  attempt(ip: string, email: string): Promise<number>;
  succeeded(ip: string, email: string): Promise<void>;
}

const WINDOW_SECONDS = 15 * 60;
const PER_PERSON = 10;
const PER_ADDRESS = 100;

export function createLoginThrottle(): LoginThrottle {
  const byPerson = new RateLimiterMemory({ points: PER_PERSON, duration: WINDOW_SECONDS });
  const byAddress = new RateLimiterMemory({ points: PER_ADDRESS, duration: WINDOW_SECONDS });
  const personKey = (ip: string, email: string) => `${ip} ${email.trim().toLowerCase().slice(0, 200)}`;
  return {
    async attempt(ip, email) {
      try {
        await byAddress.consume(ip);
        await byPerson.consume(personKey(ip, email));
        return 0;
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        return Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000));
      }
    },
    async succeeded(ip, email) {
      await byPerson.delete(personKey(ip, email));
      await byAddress.reward(ip);
    },
  };
}
