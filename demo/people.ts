import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

export const ACCOUNT = 'tidewater';
export const COMPANY = 'Tidewater Cycles';

export type Role = 'agent' | 'requester';

export interface Person {
  id: string;
  role: Role;
  name: string;
  email: string;
  /** Shown on the login page: this is a demo. What the desk checks against is a hash all the same. */
  password: string;
  about: string;
  permissions: readonly ('manage_security' | 'view_presence')[];
  autoAssign: boolean;
}

export const PEOPLE: readonly Person[] = [
  {
    id: 'mara',
    role: 'agent',
    name: 'Mara Lindqvist',
    email: 'mara@tidewater.example',
    password: 'gravel-and-rain',
    about: 'Team lead, with Manage Security',
    permissions: ['manage_security'],
    autoAssign: false,
  },
  {
    id: 'jonas',
    role: 'agent',
    name: 'Jonas Okafor',
    email: 'jonas@tidewater.example',
    password: 'spoke-by-spoke',
    about: 'Agent in auto-assignment, may see live presence',
    permissions: ['view_presence'],
    autoAssign: true,
  },
  {
    id: 'priya',
    role: 'agent',
    name: 'Priya Raman',
    email: 'priya@tidewater.example',
    password: 'chain-of-events',
    about: 'Agent in auto-assignment',
    permissions: [],
    autoAssign: true,
  },
  {
    id: 'tomas',
    role: 'requester',
    name: 'Tomás Rivera',
    email: 'tomas@example.org',
    password: 'downhill-only',
    about: 'Customer: opens tickets and sees his own',
    permissions: [],
    autoAssign: false,
  },
];

export interface Directory {
  agents: readonly Person[];
  requesters: readonly Person[];
  find(role: Role, id: string): Person | undefined;
  /** Who logs in with this, or null. Takes as long for an address that nobody has. */
  authenticate(role: Role, email: string, password: string): Promise<Person | null>;
}

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const KEY_BYTES = 32;

interface StoredPassword {
  salt: Buffer;
  hash: Buffer;
}

export function createDirectory(people: readonly Person[] = PEOPLE): Directory {
  const nobody = randomBytes(KEY_BYTES).toString('base64');
  const stored = new Map<string, Promise<StoredPassword>>();

  function passwordOf(key: string, password: string): Promise<StoredPassword> {
    let known = stored.get(key);
    if (known === undefined) {
      known = hashPassword(password);
      stored.set(key, known);
    }
    return known;
  }

  return {
    agents: people.filter((person) => person.role === 'agent'),
    requesters: people.filter((person) => person.role === 'requester'),
    find: (role, id) => people.find((person) => person.role === role && person.id === id),
    async authenticate(role, email, password) {
      const address = email.trim().toLowerCase();
      const person = people.find((one) => one.role === role && one.email === address);
      const { salt, hash } = await passwordOf(person?.email ?? '', person?.password ?? nobody);
      const matches = timingSafeEqual(hash, await derive(password, salt, KEY_BYTES));
      return matches && person !== undefined ? person : null;
    },
  };
}

async function hashPassword(password: string): Promise<StoredPassword> {
  const salt = randomBytes(16);
  return { salt, hash: await derive(password, salt, KEY_BYTES) };
}
