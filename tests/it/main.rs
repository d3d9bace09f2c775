mod slack_inbound;
