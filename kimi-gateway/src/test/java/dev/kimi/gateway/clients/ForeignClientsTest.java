package dev.kimi.gateway.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kimi.gateway.GatewayFixture;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The vendors' own clients find in the gateway the service that they were written for, whichever is behind it. */
class ForeignClientsTest {

    /** One pixel. */
    static final String PNG =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private static final String KIMI = "kimi-k3";
    private static final String CLAUDE = "claude-sonnet-5-5";
    private static final Map<String, Map<ForeignCase, String>> TABLE = new LinkedHashMap<>();

    private static GatewayFixture gateway;
    private static List<ForeignClient> clients;

    @BeforeAll
    static void start() {
        gateway = GatewayFixture.gateway();
        clients = new ArrayList<>(List.of(new AnthropicJava(gateway.url()), new OpenAiJava(gateway.url())));
        clients.addAll(NpmClient.all(gateway.url()));
    }

    @AfterAll
    static void stop() throws IOException {
        for (ForeignClient client : clients) {
            client.close();
        }
        System.out.println(table());
    }

    @TestFactory
    Stream<DynamicContainer> each_client_gets_the_same_from_each_service() {
        return clients.stream()
                .flatMap(client -> Stream.of(
                        DynamicContainer.dynamicContainer(client.name() + " > Kimi", cases(client, KIMI)),
                        DynamicContainer.dynamicContainer(client.name() + " > Claude", cases(client, CLAUDE))));
    }

    @Test
    void clients_from_npm_are_among_them() {
        assumeTrue(clients.size() == 4, "the clients from npm cannot be installed here");
    }

    private static Stream<DynamicTest> cases(ForeignClient client, String model) {
        return Stream.of(ForeignCase.values())
                .filter(foreignCase -> foreignCase != ForeignCase.COUNT || client.speaksMessages())
                // takes the seconds that the service wants, so once for each client
                .filter(foreignCase -> foreignCase != ForeignCase.RETRIED || model.equals(KIMI))
                .map(foreignCase -> DynamicTest.dynamicTest(
                        foreignCase.name().toLowerCase(Locale.ROOT), () -> check(client, foreignCase, model)));
    }

    private static void check(ForeignClient client, ForeignCase foreignCase, String model) throws IOException {
        gateway = GatewayFixture.gateway();
        KimiSimulator service = model.equals(KIMI) ? gateway.kimi() : gateway.claude();
        service.reply(foreignCase.replies().toArray(Reply[]::new));
        Map<ForeignCase, String> row = TABLE.computeIfAbsent(
                client.name() + " > " + (model.equals(KIMI) ? "Kimi" : "Claude"), name -> new LinkedHashMap<>());
        row.put(foreignCase, "failed");

        String asked = foreignCase == ForeignCase.UNKNOWN_MODEL ? "no-such-model" : model;
        Thread pings = foreignCase == ForeignCase.PINGED ? pings() : null;
        try {
            assertThat(client.run(foreignCase, asked)).isEqualTo(foreignCase.expected());
        } finally {
            if (pings != null) {
                pings.interrupt();
            }
        }

        assertThat(service.repliesLeft()).isZero();
        assertThat(service.requests())
                .hasSizeGreaterThanOrEqualTo(foreignCase.replies().size());
        if (foreignCase == ForeignCase.SPENT) {
            assertThat(service.requests()).hasSize(1);
        }
        if (foreignCase == ForeignCase.IMAGE) {
            assertThat(service.requests().get(0).bodyText()).contains(PNG);
        }
        row.put(foreignCase, "ok");
    }

    /** Moves the time of the gateway's pings on, so that one is due again and again. */
    private static Thread pings() {
        Thread pings = new Thread(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                gateway.time().advance(Duration.ofSeconds(15));
                Thread.yield();
            }
        });
        pings.setDaemon(true);
        pings.start();
        return pings;
    }

    /** Whether a list has models of both services. */
    static String bothOf(List<String> ids) {
        boolean kimi = ids.stream().anyMatch(id -> id.contains(KIMI));
        boolean claude = ids.contains(CLAUDE);
        return kimi && claude ? "both" : "only " + ids;
    }

    private static String table() {
        StringBuilder table = new StringBuilder("\n| client > service |");
        for (ForeignCase foreignCase : ForeignCase.values()) {
            table.append(' ')
                    .append(foreignCase.name().toLowerCase(Locale.ROOT))
                    .append(" |");
        }
        table.append("\n|---|")
                .append("---|".repeat(ForeignCase.values().length))
                .append('\n');
        TABLE.forEach((name, row) -> {
            table.append("| ").append(name).append(" |");
            for (ForeignCase foreignCase : ForeignCase.values()) {
                table.append(' ').append(row.getOrDefault(foreignCase, "-")).append(" |");
            }
            table.append('\n');
        });
        return table.toString();
    }
}
