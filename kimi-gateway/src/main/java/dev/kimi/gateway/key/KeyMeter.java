package dev.kimi.gateway.key;

import dev.kimi.chat.Usage;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.gateway.key.SpendingStore.Spending;
import dev.kimi.gateway.key.VirtualKey.Limits;
import dev.kimi.gateway.key.VirtualKey.Terms;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts what one key uses, for as long as the key is known: across reloads, changes of its terms and rotations. A call
 * gets all that it needs under one lock, or nothing. Thread-safe.
 */
final class KeyMeter {

    private final MeterSettings settings;
    private final Ledger ledger;
    /** Calls in flight by conversation. */
    private final Map<String, Integer> sessions = new HashMap<>();

    private VirtualKey key;
    private volatile ModelPatterns models;
    private Rate requests;
    private Rate tokens;
    private int inFlight;

    KeyMeter(VirtualKey key, MeterSettings settings) {
        long now = settings.time().nanoTime();
        this.settings = settings;
        this.key = key;
        this.models = new ModelPatterns(key.terms().models());
        this.requests = new Rate(key.terms().limits().requestsPerMinute(), now);
        this.tokens = new Rate(key.terms().limits().tokensPerMinute(), now);
        this.ledger = new Ledger(key.id(), period());
    }

    private Periods.Current period() {
        return settings.periods().at(settings.time().now());
    }

    /** What is in flight or booked stays so, and counts against the new terms. */
    synchronized void change(VirtualKey changed) {
        long now = settings.time().nanoTime();
        Limits limits = changed.terms().limits();
        requests = changed(requests, limits.requestsPerMinute(), now);
        tokens = changed(tokens, limits.tokensPerMinute(), now);
        models = new ModelPatterns(changed.terms().models());
        key = changed;
    }

    /** A rate that begins or ends to be a limit begins anew, so that nothing is given back that it has not booked. */
    private static Rate changed(Rate rate, long perMinute, long now) {
        if (rate.perMinute() == 0 || perMinute == 0) {
            return new Rate(perMinute, now);
        }
        rate.change(perMinute, now);
        return rate;
    }

    synchronized VirtualKey key() {
        return key;
    }

    boolean mayUse(String model) {
        return models.match(model);
    }

    boolean isUnrestricted() {
        Terms terms = key().terms();
        return terms.models().isEmpty()
                && terms.limits().budgetPerDay() == null
                && terms.limits().budgetPerMonth() == null;
    }

    /**
     * Takes a place.
     *
     * @throws GatewayException if there is none
     */
    Admission admit(AdmissionRequest request) {
        boolean chat = request.model() != null;
        long money = settings.pricing().worst(request);
        long output = chat ? Pricing.output(request) : 0;
        synchronized (this) {
            Instant wall = settings.time().now();
            Validity.check(key, wall);
            if (request.model() != null && !mayUse(request.model())) {
                throw Rejections.model(key, request.model());
            }
            long booked = booked(request.inputTokens(), output);
            if (chat) {
                checkBudgets(wall);
            }
            checkPlaces(request.sessionId());
            long now = settings.time().nanoTime();
            checkRates(booked, now);
            return hold(request, money, booked, now);
        }
    }

    /**
     * The output cap books no more than the limit leaves beside the input: a client that always asks for the most would
     * else never be let in.
     */
    private long booked(long input, long output) {
        long limit = tokens.perMinute();
        if (limit == 0) {
            return 0;
        }
        if (input > limit) {
            throw Rejections.neverFits(key, input, limit);
        }
        return input + Math.min(output, limit - input);
    }

    private void checkPlaces(@Nullable String sessionId) {
        Limits limits = key.terms().limits();
        if (limits.concurrency() > 0 && inFlight >= limits.concurrency()) {
            throw Rejections.inFlight(key, limits.concurrency());
        }
        if (limits.sessionConcurrency() > 0
                && sessionId != null
                && sessions.getOrDefault(sessionId, 0) >= limits.sessionConcurrency()) {
            throw Rejections.inFlightOfSession(key, limits.sessionConcurrency());
        }
    }

    private void checkRates(long booked, long now) {
        long forRequest = requests.waitNanos(1, now);
        long forTokens = tokens.waitNanos(booked, now);
        if (forRequest > 0 && forRequest >= forTokens) {
            throw Rejections.rate(key, requests.perMinute(), "requests", forRequest);
        }
        if (forTokens > 0) {
            throw Rejections.rate(key, tokens.perMinute(), "tokens", forTokens);
        }
    }

    /**
     * As long as something is left, the next call may use it: it goes over the cap by no more than its own worst case.
     */
    private void checkBudgets(Instant wall) {
        Limits limits = key.terms().limits();
        Periods.Current period = settings.periods().at(wall);
        ledger.turnTo(period);
        checkBudget(limits.budgetPerMonth(), "month", ledger.spentThisMonth(), period.monthEnds());
        checkBudget(limits.budgetPerDay(), "day", ledger.spentToday(), period.dayEnds());
    }

    private void checkBudget(@Nullable BigDecimal budget, String period, long spent, Instant ends) {
        if (budget == null) {
            return;
        }
        long cap = Money.of(budget);
        if (spent >= cap) {
            throw Rejections.budgetSpent(key, settings.budgetStatus(), Rejections.cap(budget, period), ends);
        }
        if (spent + ledger.open() >= cap) {
            throw Rejections.budgetHeld(key, Rejections.cap(budget, period));
        }
    }

    private Held hold(AdmissionRequest request, long money, long booked, long now) {
        requests.book(1, now);
        tokens.book(booked, now);
        inFlight++;
        if (request.sessionId() != null) {
            sessions.merge(request.sessionId(), 1, Integer::sum);
        }
        ledger.reserve(money);
        return new Held(request, tokens, booked, money);
    }

    synchronized KeyUsage usage() {
        ledger.turnTo(period());
        return new KeyUsage(
                inFlight,
                Money.dollars(ledger.spentToday()),
                Money.dollars(ledger.spentThisMonth()),
                Money.dollars(ledger.open()));
    }

    /** Adds what is to be published. */
    synchronized void collect(List<Spending> rows) {
        ledger.turnTo(period());
        ledger.collect(rows);
    }

    /** These rows are in the store. */
    synchronized void published(List<Spending> rows) {
        ledger.published(rows);
    }

    /** What other instances have spent, by period. */
    synchronized void others(Map<String, Spending> rows) {
        ledger.turnTo(period());
        ledger.others(rows);
    }

    private final class Held implements Admission {
        private final AdmissionRequest request;
        private final Rate in;
        private final long booked;
        private final long money;
        private boolean settled;

        private Held(AdmissionRequest request, Rate in, long booked, long money) {
            this.request = request;
            this.in = in;
            this.booked = booked;
            this.money = money;
        }

        @Override
        public void settle(Usage usage, @Nullable BigDecimal cost, boolean reached) {
            Usage known = usage.promptTokens() == 0 && usage.completionTokens() > 0 ? withInput(usage) : usage;
            boolean unknown = known.totalTokens() == 0 && cost == null;
            long spent = !reached ? 0 : unknown ? money : cost != null ? Money.of(cost) : priced(known);
            long used = !reached ? 0 : unknown ? booked : known.totalTokens();
            synchronized (KeyMeter.this) {
                if (settled) {
                    return;
                }
                long now = settings.time().nanoTime();
                settled = true;
                inFlight--;
                if (request.sessionId() != null) {
                    sessions.computeIfPresent(request.sessionId(), (id, count) -> count > 1 ? count - 1 : null);
                }
                in.settle(booked, used, now);
                ledger.turnTo(period());
                ledger.settle(money, spent);
            }
        }

        private Usage withInput(Usage usage) {
            return Usage.builder()
                    .promptTokens(request.inputTokens())
                    .completionTokens(usage.completionTokens())
                    .reasoningTokens(usage.reasoningTokens())
                    .build();
        }

        private long priced(Usage usage) {
            return settings.pricing().of(usage, request.cards());
        }
    }
}
