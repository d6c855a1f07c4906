package dev.kimi.samples.toolloop;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.tool.ToolLoop;
import dev.kimi.tool.ToolLoopEvent;
import dev.kimi.tool.ToolLoopResult;
import dev.kimi.tool.ToolLoopStream;
import dev.kimi.tool.Tools;
import dev.kimi.typed.TypedChat;
import dev.kimi.typed.TypedResponse;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/**
 * Asks Kimi, and then Claude: first in words, with tools, as a stream; then, in the same conversation, for a record.
 * With one client, have {@link ToolLoop} and {@link TypedChat} injected instead of making them.
 */
@Component
final class Advice implements ApplicationRunner {

    private static final String QUESTION = "Train or car from Bern to Zug this morning?";

    private final List<KimiClient> clients;
    private final Tools tools;

    /** @param tools those of all beans: the methods of {@link Journeys} */
    Advice(List<KimiClient> clients, Tools tools) {
        this.clients = clients;
        this.tools = tools;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        for (KimiClient client : clients) {
            System.out.println("\n" + client.model() + " > " + QUESTION);
            try (ToolLoop loop =
                    ToolLoop.builder(client).tools(tools).maxRounds(5).build()) {
                ToolLoopResult result = inWords(loop);
                print(result.rounds() + " rounds", result.usage());
                TypedResponse<Recommendation> typed = asRecord(client, result);
                System.out.println(typed.value());
                print("record", typed.response().usage());
            } catch (KimiException e) {
                System.out.println("\nNo response: " + e.getMessage());
            }
        }
    }

    private static ToolLoopResult inWords(ToolLoop loop) {
        try (ToolLoopStream stream = loop.stream(ChatRequest.of(QUESTION))) {
            stream.forEach(Advice::print);
            System.out.println();
            return stream.result();
        }
    }

    private static void print(ToolLoopEvent event) {
        if (event instanceof ToolLoopEvent.RoundStarted) {
            System.out.println("round " + event.round());
        } else if (event instanceof ToolLoopEvent.ToolStarted started) {
            System.out.println(
                    "  calls " + started.call().name() + " " + started.call().arguments());
        } else if (event instanceof ToolLoopEvent.ToolEnded ended) {
            System.out.println("  " + ended.call().name() + " gave "
                    + ended.result().content().stream().map(Advice::text).collect(Collectors.joining()));
        } else if (event instanceof ToolLoopEvent.Chat chat && chat.event() instanceof ChatEvent.Text text) {
            System.out.print(text.value());
        }
    }

    private static String text(ContentPart part) {
        return part instanceof ContentPart.Text text ? text.text() : part.toString();
    }

    private static TypedResponse<Recommendation> asRecord(KimiClient client, ToolLoopResult result) {
        ChatRequest request = result.conversation().toBuilder()
                .user("So what do you recommend? Reply as JSON.")
                .build();
        return TypedChat.of(client).chat(request, Recommendation.class);
    }

    private static void print(String what, Usage usage) {
        System.out.println("(" + what + ": " + usage.promptTokens() + " tokens in, " + usage.cachedTokens()
                + " of them cached, " + usage.completionTokens() + " out)");
    }
}
