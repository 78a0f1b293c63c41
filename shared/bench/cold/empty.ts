/** The least a function can be: what every start is measured against. */
export const handler = async (): Promise<string> => 'done';
