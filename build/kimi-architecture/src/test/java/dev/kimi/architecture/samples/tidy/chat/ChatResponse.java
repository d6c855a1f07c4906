package dev.kimi.architecture.samples.tidy.chat;

public record ChatResponse(String text) {}
