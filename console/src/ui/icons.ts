/** The console's own icons: 24 units, one stroke, colour of the text around them. */
import { type TemplateResult, html, svg } from 'lit';

const shapes = {
  case: svg`<rect x="4" y="7" width="16" height="12" rx="2.5"/><path d="M9 7V5.5A1.5 1.5 0 0 1 10.5 4h3A1.5 1.5 0 0 1 15 5.5V7M4 12.2h16"/>`,
  call: svg`<path d="M6.6 4h2.3a1 1 0 0 1 1 .8l.6 2.9a1 1 0 0 1-.3.9L8.6 10.2a12 12 0 0 0 5.2 5.2l1.6-1.6a1 1 0 0 1 .9-.3l2.9.6a1 1 0 0 1 .8 1v2.3A2.6 2.6 0 0 1 17.2 20 13.4 13.4 0 0 1 4 6.8 2.6 2.6 0 0 1 6.6 4Z"/>`,
  record: svg`<path d="M7 4h7l4 4v10.5A1.5 1.5 0 0 1 16.5 20h-9.500A1.5 1.5 0 0 1 5.5 18.500v-13A1.5 1.5 0 0 1 7 4ZM14 4v4h4"/>`,
  check: svg`<path d="m5 12.5 4.6 4.500L19 7.5"/>`,
  close: svg`<path d="m6.5 6.5 11 11M17.5 6.500l-11 11"/>`,
  down: svg`<path d="m7 10 5 5 5-5"/>`,
  back: svg`<path d="M19 12H5.500M11 6l-6 6 6 6"/>`,
  bell: svg`<path d="M6.5 10a5.5 5.5 0 0 1 11 0c0 5 2 6 2 6h-15s2-1 2-6ZM10 19a2.2 2.2 0 0 0 4 0"/>`,
  mute: svg`<path d="M6.5 10a5.5 5.5 0 0 1 9-4.300M17.5 10c0 5 2 6 2 6H8.500M6.3 12.500A8 8 0 0 1 4.5 16M10 19a2.2 2.2 0 0 0 4 0M4 4l16 16"/>`,
  sun: svg`<circle cx="12" cy="12" r="3.8"/><path d="M12 3.500v1.700M12 18.800v1.700M3.5 12h1.700M18.8 12h1.700M6 6l1.2 1.200M16.8 16.8 18 18M18 6l-1.2 1.200M7.2 16.8 6 18"/>`,
  moon: svg`<path d="M19.5 14.200A8 8 0 0 1 9.8 4.500a8 8 0 1 0 9.7 9.700Z"/>`,
  out: svg`<path d="M13.5 4.500h-6A1.5 1.5 0 0 0 6 6v12a1.5 1.5 0 0 0 1.5 1.500h6M10.5 12H20M16.5 8.5 20 12l-3.5 3.5"/>`,
  keys: svg`<rect x="3.5" y="6.5" width="17" height="11" rx="2"/><path d="M7 10h.01M10.3 10h.01M13.7 10h.01M17 10h.01M8.5 14h7"/>`,
  eye: svg`<path d="M3 12s3.3-6 9-6 9 6 9 6-3.3 6-9 6-9-6-9-6Z"/><circle cx="12" cy="12" r="2.6"/>`,
  alert: svg`<path d="M12 8.500v4.500M12 16.200v.01M10.7 4.8 3.4 17.500A1.5 1.5 0 0 0 4.7 19.700h14.600a1.5 1.5 0 0 0 1.3-2.200L13.3 4.800a1.5 1.5 0 0 0-2.6 0Z"/>`,
  info: svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 11.300v4.700M12 8.200v.01"/>`,
  unplugged: svg`<path d="M3.5 9.500A13 13 0 0 1 8 6.700M20.5 9.500a13 13 0 0 0-7.7-3.800M6.5 13a8.5 8.5 0 0 1 3.7-2.100M17.5 13a8.5 8.5 0 0 0-1.7-1.200M12 17.500v.01M4 4l16 16"/>`,
} as const;

export type IconName = keyof typeof shapes;

export function icon(name: IconName, size = 20): TemplateResult {
  return html`<svg
    viewBox="0 0 24 24"
    width=${size}
    height=${size}
    fill="none"
    stroke="currentColor"
    stroke-width="1.7"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${shapes[name]}
  </svg>`;
}

export function iconOfType(workItemType: string): IconName {
  if (workItemType === 'Case') return 'case';
  return workItemType === 'VoiceCall' ? 'call' : 'record';
}

/** A T made of lines and junctions: the trunk line. */
export function logo(size = 32): TemplateResult {
  return html`<svg viewBox="0 0 32 32" width=${size} height=${size} aria-hidden="true">
    <rect width="32" height="32" rx="8" fill="#0b6477" />
    <path
      d="M10.6 10.500h10.800M16 10.500v9.4"
      fill="none"
      stroke="#fff"
      stroke-width="2.6"
      stroke-linecap="round"
    />
    <circle cx="8" cy="10.5" r="2.9" fill="#fff" />
    <circle cx="24" cy="10.5" r="2.9" fill="#fff" />
    <circle cx="16" cy="22.6" r="3.1" fill="#f2b45c" />
  </svg>`;
}
