import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from '../problem';

const windowSeconds = 15 * 60;
const attemptsPerAccount = 10;
const attemptsPerPeer = 50;

/** Slows down guessing: attempts per account name and per address, in windows of a quarter of an hour. */
export interface SignInLimits {
  /**
   * Counts an attempt.
   *
   * @param peer address of the client
   * @param account what it tries to open: an e-mail address, or the word for a kind of link
   * @throws Problem `too_many` with the minutes to wait
   */
  attempt(peer: string, account: string): Promise<void>;
  /** A success: forgets the account's attempts from this address, and this one of the address itself. */
  succeeded(peer: string, account: string): Promise<void>;
}

/** Limits kept in memory: a restart forgets them, which an attacker cannot cause. */
export function openSignInLimits(): SignInLimits {
  // Per account *and* address: a stranger must not be able to lock somebody out by guessing wrong on purpose.
  const perAccount = new RateLimiterMemory({ points: attemptsPerAccount, duration: windowSeconds });
  const perPeer = new RateLimiterMemory({ points: attemptsPerPeer, duration: windowSeconds });
  const keyOf = (peer: string, account: string) => `${peer} ${account.trim().toLowerCase()}`;

  return {
    async attempt(peer, account) {
      try {
        await perPeer.consume(peer);
        await perAccount.consume(keyOf(peer, account));
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        const minutes = Math.max(1, Math.ceil(refused.msBeforeNext / 60_000));
        throw new Problem('too_many', 'access.errors.tooManyAttempts', { minutes });
      }
    },
    async succeeded(peer, account) {
      await perAccount.delete(keyOf(peer, account));
      // Behind a proxy everybody has one address: a morning's sign-ins must not use up what guesses are allowed.
      await perPeer.reward(peer, 1);
    },
  };
}
