package dev.kimi.samples.failover;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.KimiException;
import dev.kimi.tool.ToolLoop;
import dev.kimi.tool.ToolLoopEvent;
import dev.kimi.tool.ToolLoopResult;
import dev.kimi.tool.Tools;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/**
 * One conversation, in which the model looks things up. Nothing here knows of a second service: which one responds, the
 * settings decide, and {@link ChatResponse#endpoint()} says it.
 */
@Component
final class Conversation implements ApplicationRunner {

    private static final int MOST_QUESTIONS = 120;

    private final KimiClient kimi;
    private final Tools tools;
    private final ObjectProvider<SimulatedKimi> simulated;

    Conversation(KimiClient kimi, Tools tools, ObjectProvider<SimulatedKimi> simulated) {
        this.kimi = kimi;
        this.tools = tools;
        this.simulated = simulated;
    }

    @Override
    public void run(ApplicationArguments arguments) throws InterruptedException {
        try (ToolLoop loop = ToolLoop.builder(kimi)
                .tools(tools)
                .maxRounds(5)
                .observer(Conversation::print)
                .build()) {
            SimulatedKimi service = simulated.getIfAvailable();
            ToolLoopResult first = ask(loop, ChatRequest.of("Which trains go from Bern to Zug this morning?"));
            if (service == null) {
                ask(loop, after(first, "And from Zug to Bern?"));
                System.out.println("\nKimi is not simulated here, so it is not taken down.");
            } else {
                faults(loop, first, service);
            }
        } catch (KimiException e) {
            System.out.println("\nNo response: " + e.getMessage());
        }
    }

    private void faults(ToolLoop loop, ToolLoopResult first, SimulatedKimi service) throws InterruptedException {
        System.out.println("\n=== Kimi has a rate limit, and asks to wait for 2 s.");
        service.limitRate();
        ToolLoopResult last = ask(loop, after(first, "And from Zug to Bern?"));
        last = askUntilKimiResponds(loop, last);

        System.out.println("\n=== Kimi is taken down.");
        service.stop();
        last = ask(loop, after(last, "Which one is the fastest?"));
        last = ask(loop, after(last, "When is the one after it?"));

        System.out.println("\n=== Kimi is back.");
        service.start();
        askUntilKimiResponds(loop, last);
    }

    private ToolLoopResult askUntilKimiResponds(ToolLoop loop, ToolLoopResult last) throws InterruptedException {
        ToolLoopResult result = last;
        for (int i = 0; i < MOST_QUESTIONS && !result.response().endpoint().equals(kimi.name()); i++) {
            pause();
            result = ask(loop, after(result, "Is it on time?"));
        }
        return result;
    }

    private static ToolLoopResult ask(ToolLoop loop, ChatRequest request) {
        System.out.println(
                "\n> " + request.messages().get(request.messages().size() - 1).text());
        ToolLoopResult result = loop.run(request);
        System.out.println(result.text());
        return result;
    }

    private static ChatRequest after(ToolLoopResult result, String question) {
        return result.conversation().toBuilder().user(question).build();
    }

    private static void print(ToolLoopEvent event) {
        if (event instanceof ToolLoopEvent.RoundEnded round) {
            ChatResponse response = round.response();
            System.out.println("  " + response.endpoint() + " responds (" + response.model() + ", "
                    + response.usage().promptTokens() + " tokens in, "
                    + response.usage().cachedTokens() + " of them cached)");
            response.notes().forEach(note -> System.out.println("  note " + note.code() + ": " + note.message()));
        } else if (event instanceof ToolLoopEvent.ToolStarted started) {
            System.out.println(
                    "  calls " + started.call().name() + " " + started.call().arguments());
        }
    }

    private static void pause() throws InterruptedException {
        if (new CountDownLatch(1).await(500, TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("nobody opens this latch");
        }
    }
}
