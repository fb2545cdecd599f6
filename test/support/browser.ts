import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { spawnSync } from 'node:child_process';
import { arch, env, getuid, platform } from 'node:process';

/** Set to `1` to pass over installed browsers, so that the one from npm can be tried. */
export const SKIP_INSTALLED = 'TEST_SKIP_INSTALLED_BROWSERS';

/** A Chromium, and the environment its process needs on top of this one. */
export interface Browser {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
  readonly origin: string;
}

const NO_BROWSER =
  'No browser found. Install Chrome or Chromium, or set CHROME_PATH to one. ' +
  '(On Linux x64 one can also come from npm; that did not work or does not apply here.)';

/**
 * Finds a Chromium: `CHROME_PATH`, then an installed Chrome or Chromium, then, on Linux x64, one from npm, which is
 * fetched into `cacheFolder` the first time (about 66 MB). Throws with advice when there is none.
 */
export function findBrowser(cacheFolder: string): Browser {
  const chosen = env.CHROME_PATH;
  if (chosen) {
    if (!existsSync(chosen)) throw new Error(`CHROME_PATH is set to ${chosen}, which does not exist.`);
    return { executablePath: chosen, env: {}, origin: 'CHROME_PATH' };
  }
  const installed = env[SKIP_INSTALLED] === '1' ? undefined : installedBrowsers().find(existsSync);
  if (installed) return { executablePath: installed, env: {}, origin: 'installed' };
  if (platform === 'linux' && arch === 'x64') return browserFromNpm(cacheFolder);
  throw new Error(NO_BROWSER);
}

/** How to start it: also for suites that drive the browser themselves. `headless: 'shell'` suits a headless shell. */
export function launchOptions(executablePath: string): {
  executablePath: string;
  headless: true | 'shell';
  args: string[];
} {
  const isShell = basename(executablePath).includes('headless-shell');
  // Chromium refuses to run as root inside its sandbox, and the headless shell has none to set up.
  const sandbox = isShell ? ['--no-sandbox', '--no-zygote'] : getuid?.() === 0 ? ['--no-sandbox'] : [];
  return {
    executablePath,
    headless: isShell ? 'shell' : true,
    args: [
      ...sandbox,
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  };
}

function installedBrowsers(): string[] {
  if (platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  if (platform === 'win32') {
    const folders = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA];
    return folders
      .filter((folder) => folder !== undefined)
      .flatMap((folder) => [
        join(folder, 'Google/Chrome/Application/chrome.exe'),
        join(folder, 'Microsoft/Edge/Application/msedge.exe'),
      ]);
  }
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
  return (env.PATH ?? '').split(':').flatMap((folder) => names.map((name) => join(folder, name)));
}

/** Installs the packaged browser beside this file and unpacks it, each at most once. */
function browserFromNpm(cacheFolder: string): Browser {
  const folder = resolve(cacheFolder, 'chromium');
  const executablePath = join(folder, 'chrome-headless-shell');
  const libraries = join(folder, 'lib');
  if (!existsSync(executablePath)) {
    console.log('No installed browser: fetching one from npm, once.');
    const packageFolder = join(import.meta.dirname, 'chromium');
    run('npm', ['ci', '--prefix', packageFolder, '--no-audit', '--no-fund'], packageFolder);
    run(process.execPath, [join(packageFolder, 'unpack.mjs'), folder], packageFolder);
  }
  const path = [env.LD_LIBRARY_PATH, libraries].filter(Boolean).join(':');
  return {
    executablePath,
    env: { LD_LIBRARY_PATH: path, FONTCONFIG_FILE: join(folder, 'fonts.conf') },
    origin: 'npm',
  };
}

function run(command: string, args: string[], cwd: string): void {
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) throw new Error(NO_BROWSER, { cause: error });
}
