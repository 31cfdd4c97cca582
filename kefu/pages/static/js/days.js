/** Days as the calendar of this device counts them. */

/** @param {Date} date */
export function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** A name for the day that is the same for all times of that day. @param {string | number} at */
export function dayKey(at) {
  return String(midnight(new Date(at)));
}

/** Whole days between two times, as the calendar counts. @param {Date} date @param {Date} now */
export function daysAgo(date, now) {
  return Math.round((midnight(now) - midnight(date)) / 86_400_000);
}
