/** Entry of the web console: theme first, then the elements. */
import { loadPreferences, showTheme } from './state/preferences.ts';
import './page/trunkline-console.ts';

showTheme(loadPreferences().theme);
