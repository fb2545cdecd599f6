import { applyTheme } from './theme.js';
import { signIn, visitorName } from './visitor.js';

applyTheme();
signIn(document.querySelector('xians-provider'), visitorName());
