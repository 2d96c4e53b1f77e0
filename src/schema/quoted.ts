const shownCharactersMax = 60;

/**
 * Text from outside for a one-line message: in double quotes, cut to 60 characters, with control, bidirectional and
 * invisible characters as escapes, so that a file cannot write to the terminal or hide what it says.
 */
export function quoted(text: string): string {
  const cut = text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text;
  return escapeInvisible(JSON.stringify(cut));
}

/** `spec.costThreshold.daily`, `billing[0].path`, `matchLabels["app.kubernetes.io/name"]`; `the document` for the root. */
export function fieldName(path: readonly (string | number)[]): string {
  const name = path
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`;
      return /^[A-Za-z_][A-Za-z0-9_-]{0,59}$/.test(step) ? `.${step}` : `[${quoted(step)}]`;
    })
    .join('')
    .replace(/^\./, '');
  return name === '' ? 'the document' : name;
}

function escapeInvisible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
