package dev.kimi.sim;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatStream;
import dev.kimi.event.CallEvent;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Takes a stream as callers do: greedily, slowly, not at all, badly, or only for a while. */
final class SimSubscriber implements Flow.Subscriber<ChatEvent> {

    private final World world;
    private final Chance chance;
    private final SimCall call;
    private final int number;
    private final ChatStream stream;
    private final StringBuilder text = new StringBuilder();
    private final int appetite;
    private final int leavesAfter;
    private Flow.@Nullable Subscription subscription;
    private boolean subscribed;
    private long asked;
    private int taken;
    private int ends;
    private @Nullable Throwable failure;
    private boolean closed;
    private boolean unsubscribed;
    private boolean noEventsMore;
    private boolean nothingMore;
    private boolean threw;
    private boolean badRequest;
    private boolean inSignal;

    SimSubscriber(World world, Chance chance, SimCall call, ChatStream stream) {
        this.world = world;
        this.chance = chance;
        this.call = call;
        this.number = call.number();
        this.stream = stream;
        this.appetite = chance.below(4);
        this.leavesAfter = chance.oneIn(5) ? chance.between(1, 12) : Integer.MAX_VALUE;
    }

    void begin() {
        switch (chance.below(8)) {
            case 0 -> world.at(chance.millis(1, 30_000), this::subscribe);
            case 1 -> {
                // never looks at it; in one of two cases it closes it at least
                if (chance.oneIn(2)) {
                    world.at(chance.millis(1, 30_000), () -> giveUp(true));
                }
            }
            default -> subscribe();
        }
    }

    private void subscribe() {
        subscribed = true;
        stream.subscribe(this);
    }

    int taken() {
        return taken;
    }

    boolean deliveredAny() {
        return taken > 0;
    }

    boolean hasGivenUp() {
        return closed || unsubscribed;
    }

    void giveUp(boolean alone) {
        call.leaves();
        Flow.Subscription current = subscription;
        if (current == null || chance.oneIn(2)) {
            world.note(number, "close the stream");
            closed = true;
            stream.close();
            // of a call that had ended by then, what waits may still be taken
            silence(alone, () -> noEventsMore |= call.record().isCancelled());
        } else {
            world.note(number, "cancel the subscription");
            unsubscribed = true;
            current.cancel();
            silence(alone || inSignal, () -> nothingMore = true);
        }
    }

    /** From now on, or, where it was "another thread" that cancelled, from the end of what is under way. */
    private void silence(boolean now, Runnable rule) {
        if (now) {
            rule.run();
        } else {
            world.afterStep(rule);
        }
    }

    void askForMore(int events) {
        Flow.Subscription current = subscription;
        if (current != null) {
            asked = asked + events < 0 ? Long.MAX_VALUE : asked + events;
            current.request(events);
        }
    }

    void drain() {
        Flow.Subscription current = subscription;
        if (current != null && !unsubscribed) {
            asked = Long.MAX_VALUE;
            current.request(Long.MAX_VALUE);
        }
    }

    private void check(boolean holds, String otherwise) {
        world.check(holds, number, otherwise);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        check(subscription == null, "a second subscription");
        subscription = given;
        inSignal = true;
        switch (appetite) {
            case 0 -> drain();
            case 1 -> askForMore(chance.between(1, 3));
            case 2 -> world.at(chance.millis(1, 5_000), () -> askForMore(chance.between(1, 40)));
            default -> {
                if (chance.oneIn(10)) {
                    giveUp(false);
                } else {
                    askForMore(chance.between(1, 10));
                }
            }
        }
        inSignal = false;
    }

    @Override
    public void onNext(ChatEvent event) {
        world.note(number, "takes", event);
        check(!inSignal, "two signals at once");
        check(subscription != null, "an event before the subscription");
        check(ends == 0, "an event after the end");
        check(!nothingMore && !noEventsMore, "an event after the stream was given up");
        check(!threw, "an event for a subscriber that threw");
        check(asked > 0, "an event that nobody asked for");
        asked -= asked == Long.MAX_VALUE ? 0 : 1;
        taken++;
        if (event instanceof ChatEvent.Text piece) {
            text.append(piece.value());
        }
        inSignal = true;
        world.interleave(chance);
        if (taken == leavesAfter) {
            leave();
        } else {
            goOn();
        }
        inSignal = false;
    }

    private void leave() {
        int how = chance.below(12);
        if (how == 0) {
            inSignal = false;
            threw = true;
            call.leaves();
            throw new UnsupportedOperationException("a subscriber with a bug");
        } else if (how == 1) {
            badRequest = true;
            call.leaves();
            Flow.Subscription current = subscription;
            if (current != null) {
                current.request(chance.oneIn(2) ? 0 : -1);
            }
        } else {
            giveUp(false);
        }
    }

    private void goOn() {
        if (asked > 0) {
            return;
        }
        if (chance.oneIn(2)) {
            askForMore(chance.between(1, 5));
        } else if (chance.percent(85)) {
            world.at(chance.millis(1, 20_000), () -> askForMore(chance.between(1, 5)));
        }
    }

    @Override
    public void onError(Throwable thrown) {
        world.note(number, "is told of", thrown.getClass().getSimpleName());
        end();
        failure = thrown;
    }

    @Override
    public void onComplete() {
        world.note(number, "is told that all is done");
        end();
    }

    private void end() {
        check(!inSignal, "two signals at once");
        check(subscription != null, "an end before the subscription");
        check(!nothingMore && !threw, "a signal after the subscription was cancelled");
        ends++;
        check(ends == 1, "a second end");
        world.interleave(chance);
    }

    void checkTheEnd(CallEvent.Finished event, String whole) {
        check(whole.startsWith(text.toString()), "delivered what was not sent");
        if (!subscribed) {
            check(taken == 0 && ends == 0, "signals to nobody");
            return;
        }
        if (unsubscribed || threw) {
            return;
        }
        check(ends == 1, "its subscriber was told of " + ends + " ends");
        if (badRequest) {
            check(failure != null || taken > 0, "a bad request went unnoticed");
        } else if (event.outcome() == CallEvent.Outcome.SUCCESS) {
            check(failure == null, "a good stream ended with " + failure);
            check(closed || text.toString().equals(whole), "a good stream lacks some of its text");
        } else {
            check(failure == event.failure(), "subscriber and observer were told different failures");
        }
    }
}
