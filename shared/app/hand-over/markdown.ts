/** Text of others in Markdown: a name stays a name, whatever characters it has. */
export const markdownText = (text: string): string => text.replaceAll(/[\\`*_{}[\]<>#|~!]/g, '\\$&');
