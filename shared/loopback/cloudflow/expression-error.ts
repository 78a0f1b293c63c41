/** The expression cannot be read, or what it names is not there. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}
