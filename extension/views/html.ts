/** The page's frame: everything in it is made by its script. */

export interface PageUris {
  /** Where a webview may load from, as VS Code names it. */
  readonly cspSource: string;
  readonly script: string;
  readonly style: string;
}

/**
 * SHA-256 of the empty text. The UI toolkit adds an empty <style> to the document and fills it
 * through the CSSOM (which the policy does not govern); this allows that one element and no inline
 * style with content. Its components bring their styles as constructed sheets, which need nothing.
 */
const EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

/**
 * Nothing is allowed but the page's own script and style sheet; no inline script, no network, no
 * images.
 */
export function contentSecurityPolicy({ cspSource, nonce }: PageUris & { nonce: string }): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} ${EMPTY_STYLE}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** @param nonce unguessable and used for this page only. */
export function pageHtml(uris: PageUris, nonce: string, title: string): string {
  const policy = contentSecurityPolicy({ ...uris, nonce });
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${attribute(uris.style)}">
<title>${attribute(title)}</title>
</head>
<body>
<script nonce="${nonce}" src="${attribute(uris.script)}"></script>
</body>
</html>
`;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
