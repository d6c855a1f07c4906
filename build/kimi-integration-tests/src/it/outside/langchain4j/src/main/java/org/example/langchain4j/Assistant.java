package org.example.langchain4j;

import dev.langchain4j.service.spring.AiService;

@AiService
interface Assistant {
    String chat(String message);
}
