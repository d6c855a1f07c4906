package org.example.langchain4j;

import dev.langchain4j.agent.tool.Tool;
import org.springframework.stereotype.Component;

@Component
class Clock {

    @Tool("The time now")
    String now() {
        return "ten to eight";
    }
}
