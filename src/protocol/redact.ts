/** A JWT's header is JSON, and `{"` in base64url is `eyJ`. */
const JWT = /\beyJ[\w-]*\.[\w-]+\.?[\w-]*/g;
const API_KEY = /\bsk-[\w\-.~+/=]+/gi;
const BEARER = /\bbearer\s+[\w\-.~+/=]+/gi;
const QUERY_SECRET = /([?&](?:apikey|apikeyid|access_token|token|id|text)=)[^&\s"']+/gi;

/** `text` with bearer tokens, JWTs, API keys, connection ids and message text in URLs replaced by `***`. */
export function redact(text: string): string {
  return text
    .replace(QUERY_SECRET, '$1***')
    .replace(BEARER, 'Bearer ***')
    .replace(API_KEY, 'sk-***')
    .replace(JWT, '***');
}
