package dev.kimi.test.autoconfigure.app;

import org.springframework.ai.tool.annotation.Tool;
import org.springframework.stereotype.Component;

@Component
class Forecast {

    @Tool(description = "Millimetres of rain in a city within the next hours")
    int rain(String city, int hours) {
        return city.equals("Bern") ? 4 * hours : 0;
    }
}
