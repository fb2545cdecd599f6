import { randomBytes, randomUUID } from 'node:crypto';

export { randomUUID as newRequestId };

/** Makes 24-digit hex ids like the real server's database: seconds, five random bytes, a counter. */
export class ObjectIds {
  readonly #machine = randomBytes(5).toString('hex');
  #counter = randomBytes(3).readUIntBE(0, 3);

  next(): string {
    this.#counter = (this.#counter + 1) % 0x1_00_00_00;
    return hex(Math.floor(Date.now() / 1_000), 8) + this.#machine + hex(this.#counter, 6);
  }
}

/** A connection id or token: 22 URL-safe characters. */
export function newConnectionToken(): string {
  return randomBytes(16).toString('base64url');
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
