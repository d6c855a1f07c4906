package dev.kimi.samples.chatpage;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The events of a whole response body. */
record Events(List<Event> all) {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    record Event(String type, JsonNode data) {}

    static Events of(String body) {
        List<Event> events = new ArrayList<>();
        for (String block : body.split("\n\n")) {
            if (!block.startsWith("event: ")) {
                continue;
            }
            String[] lines = block.split("\n");
            events.add(new Event(
                    lines[0].substring("event: ".length()), JSON.readTree(lines[1].substring("data: ".length()))));
        }
        return new Events(events);
    }

    /** The kinds in order, repetitions folded. */
    List<String> kinds() {
        List<String> kinds = new ArrayList<>();
        for (Event event : all) {
            if (kinds.isEmpty() || !kinds.get(kinds.size() - 1).equals(event.type())) {
                kinds.add(event.type());
            }
        }
        return kinds;
    }

    String text(String type) {
        StringBuilder text = new StringBuilder();
        all.stream()
                .filter(event -> event.type().equals(type))
                .forEach(event -> text.append(event.data().path("text").stringValue()));
        return text.toString();
    }

    JsonNode last() {
        return all.get(all.size() - 1).data();
    }
}
