package dev.kimi.internal.json;

/** Numbers that a service sends as strings. */
final class NumberText {

    /** Long enough for every long with a sign, a point and some decimals. */
    private static final int MAX_LENGTH = 32;

    private NumberText() {}

    /** The number in the text cut to an integer, or {@code missing} when there is none that long can hold. */
    static long read(String text, long missing) {
        String trimmed = text.length() > MAX_LENGTH ? "" : text.trim();
        int point = trimmed.indexOf('.');
        String whole = point < 0 ? trimmed : trimmed.substring(0, point);
        boolean digits = !whole.isEmpty() && isDigits(whole, whole.charAt(0) == '-' ? 1 : 0);
        if (!digits || point >= 0 && !isDigits(trimmed, point + 1)) {
            return missing;
        }
        try {
            return Long.parseLong(whole);
        } catch (NumberFormatException beyondLong) {
            return missing;
        }
    }

    private static boolean isDigits(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return from < text.length();
    }
}
