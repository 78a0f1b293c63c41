/** OSS's refusals. Source: OSS "Error responses" and the pages of the single codes. */
import { ApiError } from '../kernel.js';

/** `details` are more elements of the body: `Key`, `OSSAccessKeyId`, `StringToSign`, and `EC`, which goes into a header too. */
export class OssError extends ApiError {
  constructor(
    status: number,
    code: string,
    message: string,
    readonly details: Readonly<Record<string, string>> = {},
  ) {
    super(status, code, message);
  }
}

/** Loudly, by name: an answer that pretended would be worse than none. */
export const lacking = (what: string): OssError =>
  new OssError(501, 'NotImplemented', `This embedded OSS has no ${what}.`);

export const invalidArgument = (message: string): OssError => new OssError(400, 'InvalidArgument', message);
