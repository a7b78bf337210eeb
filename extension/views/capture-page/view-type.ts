/** Which page a panel is: VS Code gives it back under this name after a reload. */
export const VIEW_TYPE = 'acupoint.flameGraph';
