package dev.kimi.gateway.key;

/**
 * An amount per minute, held by GCRA with a burst of a whole minute, as the services count: one number says when the
 * key would be fully rested. Guarded by its owner's lock.
 */
final class Rate {

    private static final double MINUTE_NANOS = 60e9;

    private long perMinute;
    private double nanosEach;
    private double restedAt;

    Rate(long perMinute, long now) {
        this.restedAt = now;
        set(perMinute);
    }

    private void set(long value) {
        perMinute = value;
        nanosEach = value > 0 ? MINUTE_NANOS / value : 0;
    }

    long perMinute() {
        return perMinute;
    }

    /** What was booked stays booked: the same amount, which is another time under another rate. */
    void change(long value, long now) {
        double debt = perMinute > 0 ? Math.max(0, restedAt - now) / nanosEach : 0;
        set(value);
        restedAt = now + debt * nanosEach;
    }

    /** How long until the amount fits; 0 when it does. */
    long waitNanos(long amount, long now) {
        if (perMinute == 0) {
            return 0;
        }
        double after = Math.max(restedAt, now) + amount * nanosEach;
        return (long) Math.ceil(Math.max(0, after - now - MINUTE_NANOS));
    }

    void book(long amount, long now) {
        restedAt = Math.max(restedAt, now) + amount * nanosEach;
    }

    /** In place of what was booked, what was used, which may be more. */
    void settle(long booked, long used, long now) {
        if (used > booked) {
            book(used - booked, now);
        } else {
            restedAt -= (booked - used) * nanosEach;
        }
    }
}
