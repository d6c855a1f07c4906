package dev.kimi.sim;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.event.CallEvent;
import dev.kimi.internal.call.Engine;
import dev.kimi.quota.Settlement;
import dev.kimi.transport.TransportRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One call and its caller: begins it, gives it up now and then, and holds it to what was promised. */
final class SimCall {

    private static final int USED = 12;
    private static final long LINGER_NANOS = 1_000_000_000L;
    private static final Duration LONGEST_DEADLINE = Duration.ofMinutes(15);

    private final World world;
    private final Chance chance;
    private final int number;
    private final boolean streamed;
    private final SimClient client;
    private final Duration deadline;
    private final long stubborn;
    private final String model;
    private final CallRecord record;
    private final Conversation conversation;
    private final Map<SimAccount, Integer> waiting = new HashMap<>();
    private boolean late;
    private final List<SimExchange> exchanges = new ArrayList<>();
    private final List<SimQuota.Held> reservations = new ArrayList<>();
    private SimQuota.@Nullable Held elsewhere;
    private @Nullable CompletableFuture<ChatResponse> future;
    private @Nullable SimSubscriber subscriber;
    private @Nullable SimExchange current;
    private int completions;
    private @Nullable ChatResponse value;
    private @Nullable Throwable thrown;
    private boolean begun;
    private boolean futureCancelled;
    private boolean fitsNever;
    private boolean leaving;

    SimCall(World world, Chance chance, int number, SimClient client, String model) {
        this.client = client;
        this.model = model;
        this.world = world;
        this.chance = chance;
        this.number = number;
        this.streamed = chance.percent(55);
        this.stubborn = chance.oneIn(10) ? chance.nextLong() : 0;
        this.deadline = chance.oneIn(3) ? LONGEST_DEADLINE : Duration.ofNanos(chance.millis(1, 180_000));
        this.conversation =
                new Conversation(client.route(), client.route().plan() == null ? chance : chance.fork(), number, model);
        this.record = new CallRecord(world, chance.fork(), this, deadline);
    }

    int number() {
        return number;
    }

    boolean streamed() {
        return streamed;
    }

    int attempts() {
        return record.attempts();
    }

    CallRecord record() {
        return record;
    }

    World world() {
        return world;
    }

    SimClient client() {
        return client;
    }

    /** The model, as the endpoint calls it where the call is. */
    String model() {
        return record.path().here().models().of(model);
    }

    /** The model, as the caller calls it. */
    String asked() {
        return model;
    }

    /** It has found its place, in a queue or where it has gone on. */
    void hasBegun() {
        record.path()
                .stays(world.accounts.stream()
                        .filter(this::hasQueuedAt)
                        .findFirst()
                        .orElse(world.accounts.get(0)));
    }

    /** Whether more wait for that account's quota than did before the call began. */
    boolean hasQueuedAt(SimAccount account) {
        return account.account().admission().waiting() > waiting.getOrDefault(account, 0);
    }

    Conversation conversation() {
        return conversation;
    }

    /** All has been well for so long that it must begin at the first service. */
    void comesLate() {
        late = true;
    }

    boolean isLate() {
        return late;
    }

    boolean isLeaving() {
        return leaving;
    }

    /** Whether it waits for its first reservation, and from that quota. */
    boolean waitsFor(QueueWatch quota) {
        return begun
                && record.path().stayed()
                && record.path().here().account().quota.watch() == quota
                && !fitsNever
                && !leaving
                && world.now() < deadlineNanos()
                && !client.sealed()
                && !record.isFinished()
                && reservations.isEmpty()
                && (elsewhere == null || elsewhere.settlement() != null);
    }

    /** The quota of its account will not have it. */
    void neverFits() {
        fitsNever = true;
    }

    long deadlineNanos() {
        return record.deadlineNanos();
    }

    /** Some calls meet the same again and again. */
    Chance chanceOfScript(Chance drawn) {
        return stubborn == 0 ? drawn : new Chance(stubborn);
    }

    Chance chanceOfExchange() {
        return chance.fork();
    }

    // --- the caller --------------------------------------------------------------------------------------------

    void begin(Executor executor) {
        Engine engine = client.engine;
        begun = true;
        record.begin();
        boolean dead = client.closed();
        if (!dead) {
            record.path().begins();
        }
        world.note(number, streamed ? "stream, deadline" : "chat, deadline", deadline);
        ChatRequest.Builder asked = ChatRequest.builder().model(model).deadline(deadline);
        conversation.write(asked);
        ChatRequest request = asked.build();
        world.accounts.forEach(
                account -> waiting.put(account, account.account().admission().waiting()));
        if (streamed) {
            SimSubscriber reader = new SimSubscriber(world, chance.fork(), this, engine.stream(request));
            subscriber = reader;
            reader.begin();
        } else {
            CompletableFuture<ChatResponse> answer = engine.chat(request, dev.kimi.event.CallObserver.NONE, executor);
            future = answer;
            answer.whenComplete((response, failure) -> {
                completions++;
                value = response;
                thrown = failure;
                world.note(number, failure == null ? "future completes" : "future fails");
                world.interleave(chance);
            });
        }
        hasBegun();
        if (dead) {
            world.afterStep(() -> world.check(
                    record.isFinished() && exchanges.isEmpty(), number, "lives on a client that is closed"));
        }
        if (chance.oneIn(4)) {
            world.at(chance.nanos(1_000, 120_000_000_000L), () -> giveUp(true));
        }
    }

    /**
     * Cancels the call in one of the ways that there are.
     *
     * @param alone true if no turn of the engine is under way, so that it must have happened on return
     */
    void giveUp(boolean alone) {
        SimSubscriber reader = subscriber;
        CompletableFuture<ChatResponse> answer = future;
        if (reader != null) {
            leaves();
            reader.giveUp(alone);
        } else if (answer != null) {
            leaves();
            world.note(number, "cancel the future");
            futureCancelled |= answer.cancel(true);
        } else {
            return;
        }
        if (alone) {
            mustBeOver();
        } else {
            world.afterStep(this::mustBeOver);
        }
    }

    /** It is being cancelled. */
    void leaves() {
        leaving = true;
    }

    private void mustBeOver() {
        SimSubscriber reader = subscriber;
        boolean gaveUp = reader == null ? futureCancelled : reader.hasGivenUp();
        if (gaveUp && !world.closing()) {
            world.check(record.isFinished(), number, "goes on although it was cancelled");
        }
    }

    void askForMore(int events) {
        SimSubscriber reader = subscriber;
        if (reader != null) {
            reader.askForMore(events);
        }
    }

    // --- what the engine does ----------------------------------------------------------------------------------

    void sent(@Nullable SimExchange exchange, TransportRequest request) {
        world.check(record.isOpen(), number, "sent outside of an attempt");
        world.check(record.claimSend(), number, "sent twice in one attempt");
        String foreign = conversation.foreignIn(
                Objects.requireNonNull(request.body().bytes()), record.path().here());
        world.check(foreign == null, number, "sends what only " + foreign + " may read");
        record.sentTo(request.origin(), String.valueOf(request.headers().first("authorization")));
        current = exchange;
        if (exchange != null) {
            exchanges.add(exchange);
        }
    }

    void reserved(SimQuota.Held held) {
        // one may be granted at the moment when the call leaves for another
        world.afterStep(() -> world.check(
                reservations.stream()
                                .filter(other -> other.settlement() == null)
                                .count()
                        <= 1,
                number,
                "two reservations at the same time"));
        held.belongsTo(record.path().visit());
        world.check(reservations.stream().noneMatch(other -> other.visit() == held.visit()), number, "reserved twice");
        reservations.add(held);
    }

    /** Another account would admit it at once, for which it leaves the queue, or else gives that back. */
    void reservedElsewhere(SimQuota.Held held) {
        SimQuota.Held before = elsewhere;
        world.check(
                before == null || before.visit() >= 0 || before.settlement() != null,
                number,
                "reserved at two other endpoints");
        elsewhere = held;
        world.afterStep(() -> world.check(
                held.visit() >= 0 || held.settlement() != null, number, "reserved elsewhere, and did not go there"));
    }

    /** It has left an endpoint for another. */
    void went() {
        SimQuota quota = record.path().here().account().quota;
        SimQuota.Held granted = elsewhere;
        elsewhere = null;
        fitsNever = false;
        if (granted != null && granted.settlement() == null) {
            world.check(granted.quota() == quota, number, "reserved from another account's quota");
            reserved(granted);
        }
    }

    /** Whether it has no reservation where it is. */
    boolean isWaiting() {
        int visit = record.path().visit();
        return !record.isFinished() && reservations.stream().noneMatch(held -> held.visit() == visit);
    }

    /** Whether no quota that it asked for it will admit it. */
    boolean fitsNever() {
        return fitsNever;
    }

    /** The exchange of the current attempt, or null. */
    @Nullable SimExchange exchange() {
        return current;
    }

    boolean deliveredAny() {
        SimSubscriber reader = subscriber;
        return reader != null && reader.deliveredAny();
    }

    /** Whether it is a stream that is being received. */
    boolean isReading() {
        return streamed && record.isOpen();
    }

    /** How many events of its stream were taken. */
    int taken() {
        return subscriber == null ? 0 : subscriber.taken();
    }

    /** Called when the observer hears of the end, by which time everything must have been given back. */
    void finished(CallEvent.Finished event) {
        for (SimQuota.Held held : reservations) {
            // one that was granted and not yet handed over when the call was cancelled follows at once
            world.afterStep(
                    () -> world.check(held.settlement() != null, number, "ended, and its reservation is not settled"));
        }
        boolean good = event.outcome() == CallEvent.Outcome.SUCCESS;
        world.check(
                !record.triedHere() || reservations.stream().allMatch(held -> held.settlement() != null),
                number,
                "ended before its reservation was settled");
        for (int i = 0; i < reservations.size(); i++) {
            SimQuota.Held held = reservations.get(i);
            boolean last = i == reservations.size() - 1;
            world.afterStep(() -> checkSettled(held, good && last));
        }
        if (reservations.isEmpty() && !fitsNever && record.path().stayed()) {
            record.path().here().account().quota.watch().left(this);
        }
    }

    /** What was used is settled: all of it, nothing if the service counted nothing, or -1 for what is not known. */
    private void checkSettled(SimQuota.Held held, boolean good) {
        Settlement settlement = held.settlement();
        if (settlement == null || client.closed()) {
            return;
        }
        Settlement.Outcome right = good
                ? Settlement.Outcome.COMPLETED
                : held.counted() ? Settlement.Outcome.UNKNOWN : Settlement.Outcome.NOT_COUNTED;
        boolean tokens = !good || settlement.countedTokens() == USED;
        world.check(settlement.outcome() == right && tokens, number, "settled with " + settlement + ", not " + right);
    }

    /** An attempt has ended; the service may have counted it. */
    void counted() {
        reservations.get(reservations.size() - 1).count();
    }

    /**
     * An attempt is over: cancelled means aborted; otherwise the rest of the body may come, for a second.
     *
     * @param givenUp true if it was ended by the caller
     */
    void attemptEnded(boolean givenUp) {
        SimExchange ended = exchange();
        if (ended == null) {
            return;
        }
        if (givenUp) {
            world.afterStep(() -> world.check(ended.over(), number, "given up, and its exchange goes on"));
        } else if (!ended.over()) {
            world.at(LINGER_NANOS + 1, () -> world.check(ended.over(), number, "its exchange lingers too long"));
        }
    }

    // --- the end of the schedule -------------------------------------------------------------------------------

    void drain() {
        SimSubscriber reader = subscriber;
        if (reader != null) {
            reader.drain();
        }
    }

    void checkTheEnd() {
        if (!begun) {
            return;
        }
        world.check(record.isFinished(), number, "never ended");
        for (SimQuota.Held held : reservations) {
            world.check(held.settlement() != null, number, "left a reservation unsettled");
        }
        for (SimExchange exchange : exchanges) {
            world.check(exchange.over(), number, "left an exchange open");
        }
        CallEvent.Finished event = record.finished();
        if (event == null) {
            return;
        }
        SimExchange last = exchange();
        String text = last == null ? "" : last.script().text;
        if (subscriber != null) {
            subscriber.checkTheEnd(event, text);
        } else {
            checkFuture(event, text);
        }
    }

    private void checkFuture(CallEvent.Finished event, String text) {
        world.check(completions == 1, number, "its future completed " + completions + " times");
        if (futureCancelled) {
            world.check(thrown instanceof CancellationException, number, "a cancelled future ended with " + thrown);
        } else if (event.outcome() == CallEvent.Outcome.SUCCESS) {
            ChatResponse response = value;
            world.check(response != null && response.text().equals(text), number, "the answer is not what was sent");
            world.check(
                    response != null && record.path().here().name().equals(response.endpoint()),
                    number,
                    "the response names another endpoint");
        } else {
            world.check(thrown == event.failure(), number, "caller and observer were told different failures");
        }
    }
}
