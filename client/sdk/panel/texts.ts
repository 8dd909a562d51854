/**
 * What the SDK says. `{time}` stands for what is left, as `0:42` in the tab's title and as `42 seconds` where it is
 * spoken. Any of them may be replaced through the option `texts`.
 */
export interface Texts {
  /** BCP 47 tag: also decides how numbers and times are written. */
  lang: string;
  dir: 'ltr' | 'rtl';
  warningTitle: string;
  warningText: string;
  /** The button of the warning. */
  stay: string;
  /** The same, until the server has answered. */
  staying: string;
  hint: string;
  /** Stands in place of `hint` while the server cannot be reached. */
  reconnecting: string;
  /** Announced when the warning comes, and at 60, 30 and 10 seconds. */
  timeLeft: string;
  tabTitle: string;
  coverTitle: string;
  coverText: string;
  retry: string;
  /** Over a page whose login has been replaced by another one in this browser; the button reloads it. */
  replacedText: string;
  reload: string;
  endedTitle: string;
  /** Why it ended; other reasons have no text. */
  endedTimeout: string;
  endedAdmin: string;
}

const en: Texts = {
  lang: 'en',
  dir: 'ltr',
  warningTitle: 'Are you still there?',
  warningText:
    'You have not been active for a while. When the time is up, you will be signed out in every tab.',
  stay: 'Stay signed in',
  staying: 'One moment…',
  hint: 'Any key, click or pointer movement will do.',
  reconnecting: 'Connection lost. Reconnecting…',
  timeLeft: 'You will be signed out in {time}.',
  tabTitle: '{time} · Still there?',
  coverTitle: 'Checking your session',
  coverText: 'This page is hidden until it is certain that you are still signed in. What you typed is kept.',
  retry: 'Try again',
  replacedText: 'Somebody signed in again in this browser. Reload the page to go on.',
  reload: 'Reload',
  endedTitle: 'You are signed out',
  endedTimeout: 'You have not been active for a while.',
  endedAdmin: 'An administrator signed you out.',
};

const ar: Texts = {
  lang: 'ar',
  dir: 'rtl',
  warningTitle: 'هل ما زلت هنا؟',
  warningText: 'لم يُسجَّل أي نشاط منذ فترة. عند انتهاء الوقت سيتم تسجيل خروجك من جميع علامات التبويب.',
  stay: 'متابعة الجلسة',
  staying: 'لحظة…',
  hint: 'يكفي أي مفتاح أو نقرة أو حركة للمؤشر.',
  reconnecting: 'انقطع الاتصال. جارٍ إعادة الاتصال…',
  timeLeft: 'الوقت المتبقي قبل تسجيل الخروج: {time}.',
  tabTitle: '{time} · هل ما زلت هنا؟',
  coverTitle: 'جارٍ التحقق من جلستك',
  coverText: 'هذه الصفحة مخفية إلى أن يتم التحقق من جلستك. ما كتبته محفوظ.',
  retry: 'إعادة المحاولة',
  replacedText: 'تم تسجيل الدخول من جديد في هذا المتصفح. أعد تحميل الصفحة للمتابعة.',
  reload: 'إعادة تحميل الصفحة',
  endedTitle: 'تم تسجيل خروجك',
  endedTimeout: 'لم يُسجَّل أي نشاط منذ فترة.',
  endedAdmin: 'قام أحد المسؤولين بتسجيل خروجك.',
};

const SHIPPED: Record<string, Texts> = { en, ar };

/** The texts of a language (by its tag's first part; English where it is not shipped), with the host's own over them. */
export function textsFor(locale: string, own: Partial<Texts> = {}): Texts {
  const shipped = SHIPPED[(locale.split('-')[0] ?? '').toLowerCase()] ?? en;
  return { ...shipped, ...own };
}

/** `0:42`, `12:05`, `1:00:00`. */
export function clockTime(seconds: number): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const tail = pad(seconds % 60);
  return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${tail}`;
}

/** `42 seconds`, `5 minutes`: as it is said in a language. */
export function spokenTime(seconds: number, lang: string): string {
  const [value, unit] = seconds < 120 ? [seconds, 'second'] : [Math.round(seconds / 60), 'minute'];
  return new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}
