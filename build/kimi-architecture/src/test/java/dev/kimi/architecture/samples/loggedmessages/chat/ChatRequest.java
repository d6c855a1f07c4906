package dev.kimi.architecture.samples.loggedmessages.chat;

public record ChatRequest(int size) {}
