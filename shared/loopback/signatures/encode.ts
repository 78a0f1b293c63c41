/** Percent-encoding as every signature of the vendor wants it: RFC 3986, so `! ' ( ) *` are escaped too. */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Decodes a query or form. Lenient: what is not valid percent-encoding stays as it is. The last of equal names wins. */
export function decodeParams(encoded: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(encoded));
}
