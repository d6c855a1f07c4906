package dev.kimi.architecture.samples.loggedmessages;

import dev.kimi.architecture.samples.loggedmessages.chat.ChatRequest;

final class Gossip {
    private static final System.Logger LOG = System.getLogger("gossip");

    static void tell(ChatRequest request) {
        LOG.log(System.Logger.Level.INFO, "{0}", request);
    }
}
