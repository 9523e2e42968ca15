/** What a person chose for this browser: theme, sound, shortcuts. Nothing of it reaches the server. */

export type Theme = 'auto' | 'light' | 'dark';

export interface Preferences {
  theme: Theme;
  sound: boolean;
  shortcuts: boolean;
}

const key = 'trunkline.preferences';
const usual: Preferences = { theme: 'auto', sound: true, shortcuts: true };

export function loadPreferences(): Preferences {
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Preferences>) };
  } catch {
    return usual;
  }
}

export function savePreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(key, JSON.stringify(preferences));
  } catch {
    // A browser without storage keeps the choice until the page is left.
  }
}

/** The theme lives on the root element: `color-scheme` is inherited, the tokens follow it. */
export function showTheme(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
