package dev.kimi.gateway.clients;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A vendor's client for JavaScript, in a node of its own that is given one case after the other. */
final class NpmClient implements ForeignClient {

    private static final JsonMapper MAPPER = new JsonMapper();

    private final String name;
    private final boolean speaksMessages;
    private final Process node;
    private final BufferedWriter to;
    private final BufferedReader from;

    private NpmClient(String name, boolean speaksMessages, Process node) {
        this.name = name;
        this.speaksMessages = speaksMessages;
        this.node = node;
        this.to = node.outputWriter();
        this.from = node.inputReader();
    }

    /** Both; none where they cannot be installed. */
    static List<ForeignClient> all(String url) {
        if (!NpmInstall.isReady()) {
            return List.of();
        }
        return List.of(
                new NpmClient("npm @anthropic-ai/sdk", true, NpmInstall.node("anthropic.mjs", url)),
                new NpmClient("npm openai", false, NpmInstall.node("openai.mjs", url)));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean speaksMessages() {
        return speaksMessages;
    }

    @Override
    public String run(ForeignCase foreignCase, String model) throws IOException {
        to.write(MAPPER.writeValueAsString(
                Map.of("name", foreignCase.name(), "model", model, "png", ForeignClientsTest.PNG)));
        to.newLine();
        to.flush();
        String line = from.readLine();
        JsonNode outcome = MAPPER.readTree(line == null ? "{\"failed\":\"node has ended\"}" : line);
        return outcome.path("result").asString(outcome.toString());
    }

    @Override
    public void close() throws IOException {
        to.close();
        node.destroy();
    }
}
