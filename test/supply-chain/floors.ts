/** Versions below which a package has a fault that was published, and what of it would matter here. Found faults come here. */

export type Floor = {
  name: string
  /** The first version of its line that is mended. Lines above the highest one named are newer than the fault. */
  floor: string
  advisory: string
  why: string
}

export const floors: Floor[] = [
  {
    name: 'fastify',
    floor: '5.8.5',
    advisory: 'CVE-2026-33806 (GHSA-247c-9743-5963), CVE-2026-3419, CVE-2026-25223',
    why: 'a Content-Type made for it let a body through unchecked'
  },
  {
    name: 'fastify',
    floor: '5.8.3',
    advisory: 'CVE-2026-3635 (GHSA-444r-cwp2-x5xf)',
    why: 'host and protocol were believed from proxies that are not trusted'
  },
  {
    name: '@fastify/proxy-addr',
    floor: '5.1.1',
    advisory: 'CVE-2026-92395',
    why: 'a mapped network in TRUST_PROXY trusted everybody, and so did the limits of rates'
  },
  {
    name: '@fastify/static',
    floor: '10.1.4',
    advisory: 'CVE-2026-90982 (GHSA-r799-r9gc-m956), CVE-2026-15074, CVE-2026-6414',
    why: 'files that a route guards were served past it; it serves the pages of /docs'
  },
  {
    name: 'fast-uri',
    floor: '3.1.9',
    advisory: 'CVE-2026-110180 (GHSA-wjr9-j795-jxcr), CVE-2026-84394, CVE-2026-18446',
    why: 'hosts were read otherwise than Node reads them; Ajv resolves references with it'
  },
  {
    name: 'fast-uri',
    floor: '4.2.3',
    advisory: 'CVE-2026-110180 (GHSA-wjr9-j795-jxcr), CVE-2026-84394, CVE-2026-18446',
    why: 'the same, of the serializer'
  },
  {
    name: 'undici',
    floor: '7.29.0',
    advisory: 'GHSA-m8rv-5g2x-5cg5, GHSA-4cwx-7wf7-3272, CVE-2026-9697, CVE-2026-6734',
    why: 'it carries webhooks to hosts that others name: lines injected into headers, pools shared by origins'
  },
  {
    name: 'undici',
    floor: '6.27.0',
    advisory: 'CVE-2026-6733 (GHSA-35p6-xmwp-9g52), CVE-2026-1525',
    why: 'the same line of faults, in a tool for tests'
  },
  {
    name: 'ajv',
    floor: '8.18.0',
    advisory: 'CVE-2025-69873 (GHSA-2g4f-4pwh-qvx6)',
    why: 'a pattern out of the data could hold up the process'
  },
  {
    name: 'markdown-it',
    floor: '14.3.3',
    advisory: 'CVE-2026-111766 (GHSA-vfgh-jcmw-g37q), CVE-2026-2327',
    why: 'writers hand in Markdown: unclosed HTML took a time that grows with its square'
  },
  {
    name: 'linkify-it',
    floor: '5.0.2',
    advisory: 'its changelog of 5.0.1 and 5.0.2',
    why: 'addresses in Markdown could hold up the process'
  },
  {
    name: 'jose',
    floor: '4.15.5',
    advisory: 'GHSA-hhhv-q57g-882q',
    why: 'compressed tokens could fill the memory'
  },
  {
    name: 'uuid',
    floor: '14.0.0',
    advisory: 'CVE-2026-41907 (GHSA-w5hq-g745-h8pq)',
    why: 'writes past the end of a buffer'
  },
  {
    name: 'diff',
    floor: '8.0.3',
    advisory: 'CVE-2026-24001 (GHSA-73rr-hh4g-fpgx)',
    why: 'reading a patch never ended; revisions are compared with it, without patches'
  },
  {
    name: 'diff',
    floor: '4.0.4',
    advisory: 'CVE-2026-24001 (GHSA-73rr-hh4g-fpgx)',
    why: 'the same, in a tool for tests'
  },
  {
    name: 'minimatch',
    floor: '10.2.3',
    advisory: 'CVE-2026-27904, CVE-2026-27903, CVE-2026-26996',
    why: 'patterns that never end; ours are written here, not by callers'
  },
  {
    name: 'minimatch',
    floor: '5.1.8',
    advisory: 'CVE-2026-27904, CVE-2026-27903, CVE-2026-26996',
    why: 'the same, in a tool'
  },
  {
    name: 'brace-expansion',
    floor: '5.0.9',
    advisory: 'CVE-2026-14257 (GHSA-mh99-v99m-4gvg), CVE-2026-13149',
    why: 'a short pattern could fill the memory'
  },
  {
    name: 'brace-expansion',
    floor: '2.1.4',
    advisory: 'CVE-2026-14257 (GHSA-mh99-v99m-4gvg), CVE-2026-13149',
    why: 'the same, in a tool'
  }
]

/** Faults that are known and not mended here yet, and why they do no harm. Each goes when its version is reached. */
export const accepted: (Floor & { harmless: string })[] = [
  {
    name: '@fastify/static',
    floor: '10.1.12',
    advisory: 'CVE-2026-130811 (GHSA-7533-p376-8gg5)',
    why: 'names of files in a hidden folder were listed',
    harmless: 'only where it lists folders, and /docs does not'
  }
]
