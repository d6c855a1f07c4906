package dev.kimi.gateway.key;

import dev.kimi.gateway.key.SpendingStore.Spending;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a key has spent in this day and month, and what its calls in flight may cost, in billionths of a US dollar.
 * Guarded by its owner's lock.
 */
final class Ledger {

    private final String keyId;
    private Periods.Current period;
    private long day;
    private long month;
    private long open;
    private long othersDay;
    private long othersMonth;
    private long othersOpen;
    /** Rows of days and months that are over and not yet published. */
    private final List<Spending> over = new ArrayList<>(0);

    Ledger(String keyId, Periods.Current period) {
        this.keyId = keyId;
        this.period = period;
    }

    void turnTo(Periods.Current now) {
        if (now == period) {
            return;
        }
        if (!now.month().equals(period.month())) {
            keep(period.month(), month);
            month = 0;
            othersMonth = 0;
        }
        keep(period.day(), day);
        day = 0;
        othersDay = 0;
        period = now;
    }

    private void keep(String name, long spent) {
        if (spent > 0) {
            over.add(new Spending(keyId, name, spent, 0));
        }
    }

    void reserve(long amount) {
        open += amount;
    }

    void settle(long reserved, long spent) {
        open -= reserved;
        day += spent;
        month += spent;
    }

    long spentToday() {
        return day + othersDay;
    }

    long spentThisMonth() {
        return month + othersMonth;
    }

    long open() {
        return open + othersOpen;
    }

    /** Adds the rows of this instance; a key that was never used has none. */
    void collect(List<Spending> rows) {
        rows.addAll(over);
        if (month > 0 || open > 0) {
            rows.add(new Spending(keyId, period.day(), day, open));
            rows.add(new Spending(keyId, period.month(), month, open));
        }
    }

    void published(List<Spending> rows) {
        over.removeAll(rows);
    }

    /** What the other instances have spent, by period. */
    void others(Map<String, Spending> rows) {
        Spending today = rows.get(period.day());
        Spending thisMonth = rows.get(period.month());
        othersDay = today == null ? 0 : today.spent();
        othersMonth = thisMonth == null ? 0 : thisMonth.spent();
        othersOpen = thisMonth == null ? 0 : thisMonth.open();
    }
}
