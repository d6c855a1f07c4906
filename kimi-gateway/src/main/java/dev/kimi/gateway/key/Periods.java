package dev.kimi.gateway.key;

import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.Set;

/** Days and months of a calendar. Thread-safe. Time that goes back does not bring a day back. */
final class Periods {

    private final ZoneId zone;
    private volatile Current last;

    Periods(ZoneId zone, Instant now) {
        this.zone = zone;
        this.last = of(now);
    }

    Current at(Instant now) {
        Current current = last;
        if (now.isBefore(current.dayEnds())) {
            return current;
        }
        return next(now);
    }

    private synchronized Current next(Instant now) {
        if (!now.isBefore(last.dayEnds())) {
            last = of(now);
        }
        return last;
    }

    private Current of(Instant now) {
        LocalDate day = now.atZone(zone).toLocalDate();
        YearMonth month = YearMonth.from(day);
        return new Current(
                day.toString(),
                month.toString(),
                day.plusDays(1).atStartOfDay(zone).toInstant(),
                month.plusMonths(1).atDay(1).atStartOfDay(zone).toInstant());
    }

    /** The day and the month that a moment is in, and when they end. */
    record Current(String day, String month, Instant dayEnds, Instant monthEnds) {
        Set<String> names() {
            return Set.of(day, month);
        }
    }
}
