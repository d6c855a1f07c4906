package dev.kimi.samples.assistant;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import java.util.Map;
import org.springframework.stereotype.Component;

/** What the model may look up. An application of your own calls its services and databases here. */
@Component
final class Forecast {

    private static final Map<String, String> WEATHER = Map.of("Bern", "rain, 9 degrees", "Rome", "sun, 24 degrees");

    @Tool("The weather of tomorrow in a city")
    String forecast(@P("such as Bern") String city) {
        return WEATHER.getOrDefault(city, "unknown");
    }
}
